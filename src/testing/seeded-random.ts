/**
 * Numbers that look random and come again with the same seed. Each name under a seed has a sequence
 * of its own, so that drawing from one does not move another.
 */
export class SeededRandom {
  #state: number;

  constructor(seed: number, name = '') {
    this.#state = hash(`${seed} ${name}`);
  }

  /** The next number from 0 up to but not including 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** The next integer in a range that includes both ends. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** How many misses come before the next hit when each try hits with this chance. */
  gap(chance: number): number {
    if (chance >= 1) return 0;
    return chance <= 0 ? Infinity : Math.floor(Math.log1p(-this.next()) / Math.log1p(-chance));
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  }
  return hash;
}
