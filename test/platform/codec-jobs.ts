import type { Codec, CodecSink } from '../../src/platform/platform.ts';

/** A codec whose jobs are awaited; what it gives is copied, then spoilt as a receiver may do. */
export class CodecJobs implements CodecSink {
  readonly codec: Codec;
  /** All pieces since the last job began, as they were handed on. */
  readonly pieces: Uint8Array[] = [];
  readonly copies: Uint8Array[] = [];
  /** How much of the job's input was read, piece by piece. */
  readonly consumed: number[] = [];
  /** Called after each piece. */
  onPiece: () => void = () => {};
  #settle: ((error: Error | undefined) => void) | undefined;
  #inRun = false;

  constructor(make: (sink: CodecSink) => Codec) {
    this.codec = make(this);
  }

  /** Starts a job; resolves with all its output, rejects when it fails. */
  async run(input: Uint8Array, ending?: Uint8Array): Promise<Buffer> {
    this.pieces.length = 0;
    this.copies.length = 0;
    this.consumed.length = 0;
    const done = new Promise<Error | undefined>((resolve) => (this.#settle = resolve));
    this.#inRun = true;
    this.codec.run(input, ending);
    this.#inRun = false;
    const error = await done;
    if (error) throw error;
    return Buffer.concat(this.copies);
  }

  get outputLength(): number {
    return this.copies.reduce((length, piece) => length + piece.length, 0);
  }

  onOutput(bytes: Uint8Array, consumed: number): void {
    if (this.#inRun) throw new Error('output during run');
    this.pieces.push(bytes);
    this.consumed.push(consumed);
    this.copies.push(Uint8Array.from(bytes));
    bytes.fill(0xee);
    this.onPiece();
  }

  onDone(error?: Error): void {
    if (this.#inRun || !this.#settle) throw new Error('done during run or twice');
    const settle = this.#settle;
    this.#settle = undefined;
    settle(error);
  }
}
