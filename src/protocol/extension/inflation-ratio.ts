/** Output up to which any ratio passes, in bytes: so little harms nobody. */
export const FREE_OUTPUT = 65_536;

/** Judges while a message is inflated how much comes out for each byte that was read of it. */
export class InflationRatio {
  readonly #max: number;
  #produced = 0;
  /** Bytes read in the jobs before this one. */
  #earlier = 0;

  /** Allows `max` bytes for each byte read; Infinity allows any number. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Counts a piece of output; whether it is too much for what was read, by this job so far. */
  exceeded(length: number, consumed: number): boolean {
    this.#produced += length;
    if (this.#produced <= FREE_OUTPUT) return false;
    // Nothing is more than Infinity, nor than 0 × Infinity, which is NaN.
    return this.#produced > (this.#earlier + consumed) * this.#max;
  }

  /** A job of this message is over that read so many bytes. */
  jobEnded(length: number): void {
    this.#earlier += length;
  }

  /** The message is over. */
  reset(): void {
    this.#produced = 0;
    this.#earlier = 0;
  }
}
