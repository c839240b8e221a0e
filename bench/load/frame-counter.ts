/** Tells how many messages a stretch of bytes completes. */
export interface Counter {
  count(bytes: Uint8Array, end: number): number;
}

/** Counts messages that all take the same number of bytes; looks at none of them. */
export class LengthCounter implements Counter {
  readonly #length: number;
  #bytes = 0;

  constructor(length: number) {
    this.#length = length;
  }

  count(_bytes: Uint8Array, end: number): number {
    this.#bytes += end;
    const whole = Math.floor(this.#bytes / this.#length);
    this.#bytes -= whole * this.#length;
    return whole;
  }
}

/** Counts unmasked frames of any length by their headers (RFC 6455 §5.2). */
export class FrameCounter implements Counter {
  readonly #header = new Uint8Array(10);
  #have = 0;
  #rest = 0;

  count(bytes: Uint8Array, end: number): number {
    let whole = 0;
    let at = 0;
    while (at < end) {
      if (this.#rest === 0) {
        this.#header[this.#have] = bytes[at] ?? 0;
        this.#have += 1;
        at += 1;
        if (!this.#headerEnds()) continue;
      }
      const step = Math.min(this.#rest, end - at);
      this.#rest -= step;
      at += step;
      if (this.#rest === 0) whole += 1;
    }
    return whole;
  }

  /** Whether the header is whole; then `#rest` tells the payload's length. */
  #headerEnds(): boolean {
    const [, second = 0] = this.#header;
    const length = second & 0x7f;
    const needed = { 126: 4, 127: 10 }[length] ?? 2;
    if (this.#have < needed) return false;
    this.#have = 0;
    const view = Buffer.from(this.#header.buffer);
    if (needed === 2) this.#rest = length;
    else this.#rest = needed === 4 ? view.readUInt16BE(2) : view.readUIntBE(4, 6);
    return true;
  }
}
