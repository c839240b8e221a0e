/** What holds a zlib stream between jobs only to save the making of another one. */
export interface Keeper {
  /** Gives the stream up. */
  dropStream(): void;
}

/** Bounds how many idle zlib streams the process keeps: the one unused for longest goes first. */
export class KeptStreams {
  readonly #limit: number;
  readonly #keepers = new Set<Keeper>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A stream is idle from now on, and may be dropped at any time. */
  add(keeper: Keeper): void {
    this.#keepers.add(keeper);
    if (this.#keepers.size <= this.#limit) return;
    const [oldest] = this.#keepers;
    if (oldest === undefined) return;
    this.#keepers.delete(oldest);
    oldest.dropStream();
  }

  /** A stream is used again, or gone. */
  delete(keeper: Keeper): void {
    this.#keepers.delete(keeper);
  }
}
