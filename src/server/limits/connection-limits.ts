import type { LimitName } from '../../connection/reporting/tally.ts';
import { addressKey } from './address-key.ts';

/** How many connections a server takes. */
export interface ConnectionCaps {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/**
 * Counts the connections of a server, and those that are about to become some: a place is taken
 * from before `authorize` to the end of the connection.
 */
export class ConnectionLimits {
  readonly #caps: ConnectionCaps;
  readonly #byAddress = new Map<string, number>();
  #taken = 0;

  constructor(caps: ConnectionCaps) {
    this.#caps = caps;
  }

  /** Takes a place for a client; without one it names the limit that is in the way. */
  take(remoteAddress: string | undefined): LimitName | undefined {
    if (this.#taken >= this.#caps.maxConnections) return 'maxConnections';
    const key = this.#keyOf(remoteAddress);
    const most = this.#caps.maxConnectionsPerAddress;
    if (key !== undefined && this.#countOf(key) >= most) return 'maxConnectionsPerAddress';
    this.#change(key, 1);
    return undefined;
  }

  /** Gives back a place that was taken for a client of this address. */
  leave(remoteAddress: string | undefined): void {
    this.#change(this.#keyOf(remoteAddress), -1);
  }

  /** Undefined where addresses are not counted. */
  #keyOf(remoteAddress: string | undefined): string | undefined {
    const counted = this.#caps.maxConnectionsPerAddress !== Infinity;
    return counted ? addressKey(remoteAddress) : undefined;
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
