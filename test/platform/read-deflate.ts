/** What a walk through raw DEFLATE data found (RFC 1951): an inflater that trusts no zlib. */
export interface DeflateReading {
  readonly output: Uint8Array;
  /** The farthest any back reference looked, in bytes. */
  readonly maxDistance: number;
}

const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
  163, 195, 227, 258,
];
const lengthBits = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A Huffman code as a map from its bits, with a leading 1, to the symbol (RFC 1951 §3.2.2). */
type Code = Map<number, number>;

/** Reads blocks until the data end; they must end at a block's end. */
export function readDeflate(bytes: Uint8Array): DeflateReading {
  return new DeflateReader(bytes).read();
}

class DeflateReader {
  readonly #bytes: Uint8Array;
  readonly #output: number[] = [];
  #bit = 0;
  #maxDistance = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): DeflateReading {
    while (this.#bytes.length * 8 - this.#bit >= 8) this.#readBlock();
    return { output: Uint8Array.from(this.#output), maxDistance: this.#maxDistance };
  }

  #readBlock(): void {
    const final = this.#bits(1);
    const type = this.#bits(2);
    if (type === 0) this.#readStored();
    else if (type === 1) this.#readSymbols(fixedLiterals, fixedDistances);
    else this.#readDynamic();
    if (final === 1) this.#align();
  }

  #readStored(): void {
    this.#align();
    const length = this.#bits(16);
    if ((this.#bits(16) ^ length) !== 0xffff) throw new Error('stored lengths differ');
    for (let i = 0; i < length; i++) this.#output.push(this.#bits(8));
  }

  #readDynamic(): void {
    const literals = this.#bits(5) + 257;
    const distances = this.#bits(5) + 1;
    const count = this.#bits(4) + 4;
    const first = Array.from({ length: 19 }, () => 0);
    for (const symbol of codeLengthOrder.slice(0, count)) first[symbol] = this.#bits(3);
    const code = codeOf(first);
    const lengths: number[] = [];
    while (lengths.length < literals + distances) {
      const symbol = this.#symbol(code);
      if (symbol < 16) lengths.push(symbol);
      else if (symbol === 16) repeat(lengths, lengths.at(-1) ?? 0, 3 + this.#bits(2));
      else repeat(lengths, 0, symbol === 17 ? 3 + this.#bits(3) : 11 + this.#bits(7));
    }
    this.#readSymbols(codeOf(lengths.slice(0, literals)), codeOf(lengths.slice(literals)));
  }

  #readSymbols(literals: Code, distances: Code): void {
    for (let symbol = this.#symbol(literals); symbol !== 256; symbol = this.#symbol(literals)) {
      if (symbol < 256) this.#output.push(symbol);
      else this.#copy(symbol - 257, distances);
    }
  }

  #copy(index: number, distances: Code): void {
    const length = at(lengthBase, index) + this.#bits(at(lengthBits, index));
    const symbol = this.#symbol(distances);
    const extra = Math.max(0, (symbol >> 1) - 1);
    const base = symbol < 2 ? symbol + 1 : ((2 + (symbol & 1)) << extra) + 1;
    const distance = base + this.#bits(extra);
    this.#maxDistance = Math.max(this.#maxDistance, distance);
    for (let i = 0; i < length; i++)
      this.#output.push(at(this.#output, this.#output.length - distance));
  }

  #symbol(code: Code): number {
    for (let bits = 1; bits < 1 << 16;) {
      bits = (bits << 1) | this.#bits(1);
      const symbol = code.get(bits);
      if (symbol !== undefined) return symbol;
    }
    throw new Error('no such symbol');
  }

  #bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#bit++) {
      value |= ((at(this.#bytes, this.#bit >> 3) >> (this.#bit & 7)) & 1) << i;
    }
    return value;
  }

  #align(): void {
    this.#bit = (this.#bit + 7) & ~7;
  }
}

function codeOf(lengths: readonly number[]): Code {
  const code: Code = new Map();
  let next = 0;
  for (let length = 1; length <= 15; length++) {
    next <<= 1;
    for (const [symbol, symbolLength] of lengths.entries()) {
      if (symbolLength === length) code.set((1 << length) | next++, symbol);
    }
  }
  return code;
}

function repeat(list: number[], value: number, count: number): void {
  for (let i = 0; i < count; i++) list.push(value);
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`nothing at ${index}`);
  return value;
}

const fixedLiterals = codeOf(
  Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)),
);
const fixedDistances = codeOf(Array.from({ length: 30 }, () => 5));
