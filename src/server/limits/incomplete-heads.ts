import { Roster } from './roster.ts';

/** A client whose head is not complete, in the order in which they connected. */
export interface Incomplete {
  /** What counts as its address, '' for none. */
  readonly key: string;
}

/** Those whose heads are not complete, by address, so that room is taken from who uses most. */
export class IncompleteHeads<T extends Incomplete> {
  readonly #all = new Roster<T>();
  readonly #counts = new Map<string, number>();

  get size(): number {
    return this.#all.size;
  }

  add(client: T): void {
    const { key } = client;
    this.#all.add(client);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Whether it was among them. */
  delete(client: T): boolean {
    if (!this.#all.delete(client)) return false;
    const { key } = client;
    const left = (this.#counts.get(key) ?? 0) - 1;
    if (left === 0) this.#counts.delete(key);
    else this.#counts.set(key, left);
    return true;
  }

  /** The oldest of the address that has most; among such addresses, of the one known longest. */
  oldestOfBusiest(): T | undefined {
    let busiest: string | undefined;
    let most = 0;
    for (const [key, count] of this.#counts) {
      if (count <= most) continue;
      most = count;
      busiest = key;
    }
    return this.#all.find(({ key }) => key === busiest);
  }

  all(): T[] {
    return this.#all.all();
  }
}
