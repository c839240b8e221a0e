import type { TransportSink } from '../../src/transport/transport.ts';

/** A sink that keeps what a transport reports and lets a test wait for it. */
export class RecordingSink implements TransportSink {
  readonly chunks: Uint8Array[] = [];
  /** What happened, in order; a run of `receive` counts once. */
  readonly events: string[] = [];
  received = 0;
  drains = 0;
  blocks = 0;
  ends = 0;
  closes = 0;
  error: Error | undefined;
  /** Called with every chunk. */
  onChunk: ((chunk: Uint8Array) => void) | undefined;
  #waiting: (() => void)[] = [];

  receive(chunk: Uint8Array): void {
    this.chunks.push(Uint8Array.from(chunk));
    this.received += chunk.length;
    this.onChunk?.(chunk);
    this.#note('receive');
  }

  receiveEnd(): void {
    this.ends++;
    this.#note('end');
  }

  onBlocked(): void {
    this.blocks++;
    this.#note('blocked');
  }

  onDrain(): void {
    this.drains++;
    this.#note('drain');
  }

  onClosed(error: Error | undefined): void {
    this.closes++;
    this.error = error;
    this.#note(error === undefined ? 'closed' : 'broken');
  }

  /** All bytes received. */
  get bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return Buffer.from(this.bytes).toString('latin1');
  }

  /** Resolves as soon as a condition holds; it is looked at after every event. */
  async until(condition: (sink: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #note(event: string): void {
    if (this.events.at(-1) !== event) this.events.push(event);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
