import { Buffer } from 'node:buffer';

import { Random } from './random.ts';

/** A source of messages: text counts in code points (all in the basic plane), bytes in bytes. */
export interface DataSet {
  readonly name: string;
  readonly binary: boolean;
  /** The message of a length that starts at an offset of the rolling window. */
  window(offset: number, length: number): Buffer;
}

const words = [
  'der',
  'die',
  'das',
  'Fluß',
  'über',
  'größer',
  'Mühle',
  'Straße',
  'schön',
  'Brücke',
  'ging',
  'sagte',
  'während',
  'niemals',
  'Fenster',
  'Abend',
  'hörte',
  'weiß',
  'Träume',
  'und',
  'aber',
  'Kälte',
  'früh',
  'Häuser',
  'Gespräch',
  'fünf',
  'müde',
  'zurück',
  'Öfen',
  'Ärger',
] as const;
const kinds = ['order', 'invoice', 'return', 'offer'] as const;
const size = 262_144;

function grow(piece: () => string): string {
  const parts: string[] = [];
  for (let length = 0; length < size;) {
    const part = piece();
    parts.push(part);
    length += part.length;
  }
  return parts.join('');
}

function textSet(name: string, piece: () => string): DataSet {
  const content = grow(piece);
  const twice = content + content;
  const window = (offset: number, length: number): Buffer => {
    const start = offset % content.length;
    return Buffer.from(twice.slice(start, start + length));
  };
  return { name, binary: false, window };
}

function binarySet(name: string, content: Buffer): DataSet {
  const twice = Buffer.concat([content, content]);
  const window = (offset: number, length: number): Buffer => {
    const start = offset % content.length;
    return twice.subarray(start, start + length);
  };
  return { name, binary: true, window };
}

function jsonPiece(random: Random): string {
  const record = {
    id: random.below(1e9),
    kind: random.pick(kinds),
    customer: random.pick(words),
    amount: random.below(100_000) / 100,
    paid: random.below(2) === 1,
    tags: [random.pick(words), random.pick(words)],
    note: `€ ${random.below(1000)}`,
  };
  return `${JSON.stringify(record)},\n`;
}

function sentence(random: Random): string {
  const text = Array.from({ length: 4 + random.below(12) }, () => random.pick(words)).join(' ');
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}. `;
}

function htmlPiece(random: Random): string {
  const id = random.below(10_000);
  return (
    `<li class="row" id="r${id}"><a href="/page/${id}">${random.pick(words)}</a>\n` +
    `  <p>${sentence(random)}</p></li>\n`
  );
}

/** Lines of 24-bit pixels that change slowly, with a little noise. */
function bitmap(random: Random): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i++) {
    const noise = random.below(8) === 0 ? random.below(4) : 0;
    bytes[i] = ((i % 768) >> 2) + (Math.floor(i / 768) & 0x3f) + noise;
  }
  return bytes;
}

/** Object headers in plain text around streams that are compressed already. */
function documentBytes(random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let length = 0, object = 1; length < size; object++) {
    const stream = random.bytes(512 + random.below(4096));
    const head = `${object} 0 obj\n<< /Length ${stream.length} /Filter /FlateDecode >>\nstream\n`;
    const part = Buffer.concat([Buffer.from(head), stream, Buffer.from('\nendstream\nendobj\n')]);
    parts.push(part);
    length += part.length;
  }
  return Buffer.concat(parts);
}

/** The five data sets of groups 12 and 13, made from a seed. */
export function dataSets(seed: number): DataSet[] {
  const random = new Random(seed);
  const german = Buffer.from(grow(() => sentence(random)));
  return [
    textSet('JSON', () => jsonPiece(random)),
    binarySet('bitmap', bitmap(random)),
    binarySet('German text as binary', german),
    textSet('HTML', () => htmlPiece(random)),
    binarySet('document of compressed streams', documentBytes(random)),
  ];
}
