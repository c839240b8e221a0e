import type { LimitName } from '../../connection/reporting/tally.ts';
import { addressKey } from './address-key.ts';

/** How many connections a server takes. */
export interface ConnectionCaps {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** A place that is taken, from before `authorize` to the end of the connection. */
export interface Place {
  /** Gives it back; only the first call counts. */
  leave(): void;
}

/** Counts the connections of a server, and those that are about to become some. */
export class ConnectionLimits {
  readonly #caps: ConnectionCaps;
  readonly #byAddress = new Map<string, number>();
  #taken = 0;

  constructor(caps: ConnectionCaps) {
    this.#caps = caps;
  }

  /** Takes a place for a client, or names the limit that is in the way. */
  take(remoteAddress: string | undefined): Place | LimitName {
    if (this.#taken >= this.#caps.maxConnections) return 'maxConnections';
    const most = this.#caps.maxConnectionsPerAddress;
    const key = most === Infinity ? undefined : addressKey(remoteAddress);
    if (key !== undefined && this.#countOf(key) >= most) return 'maxConnectionsPerAddress';
    this.#change(key, 1);
    return this.#place(key);
  }

  #place(key: string | undefined): Place {
    let taken = true;
    return {
      leave: () => {
        if (taken) this.#change(key, -1);
        taken = false;
      },
    };
  }

  #change(key: string | undefined, by: number): void {
    this.#taken += by;
    if (key === undefined) return;
    const count = this.#countOf(key) + by;
    if (count === 0) this.#byAddress.delete(key);
    else this.#byAddress.set(key, count);
  }

  #countOf(key: string): number {
    return this.#byAddress.get(key) ?? 0;
  }
}
