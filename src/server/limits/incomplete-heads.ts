import { addressKey } from './address-key.ts';

/** A client whose head is not complete, in the order in which they connected. */
export interface Incomplete {
  readonly address: string | undefined;
}

/** Those whose heads are not complete, by address, so that room is taken from who uses most. */
export class IncompleteHeads<T extends Incomplete> {
  readonly #byAddress = new Map<string, Set<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(client: T): void {
    const key = addressKey(client.address) ?? '';
    const known = this.#byAddress.get(key);
    if (known === undefined) this.#byAddress.set(key, new Set([client]));
    else known.add(client);
    this.#size++;
  }

  /** Whether it was among them. */
  delete(client: T): boolean {
    const key = addressKey(client.address) ?? '';
    const known = this.#byAddress.get(key);
    if (known?.delete(client) !== true) return false;
    if (known.size === 0) this.#byAddress.delete(key);
    this.#size--;
    return true;
  }

  /** The oldest of the address that has most; among such addresses, of the one known longest. */
  oldestOfBusiest(): T | undefined {
    let most: ReadonlySet<T> | undefined;
    for (const clients of this.#byAddress.values()) {
      if (most === undefined || clients.size > most.size) most = clients;
    }
    return most?.values().next().value;
  }

  all(): T[] {
    const all: T[] = [];
    for (const clients of this.#byAddress.values()) all.push(...clients);
    return all;
  }
}
