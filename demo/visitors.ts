import type { CloseInfo, Connection } from 'hawser';

import type { CloseLog } from './close-log.ts';

/** What a visitor needs for being asked after over HTTP. */
export type Reachable = Pick<Connection, 'ping' | 'close' | 'closed' | 'state'>;

const keyShape = /^[\w-]{16,64}$/;

/**
 * The open connections by the key their visitor chose in `?id=`. Nobody else knows the key, so it
 * is also the right to ping and close that connection over HTTP.
 */
export class Visitors {
  readonly #log: CloseLog;
  readonly #open = new Map<string, Reachable>();

  constructor(log: CloseLog) {
    this.#log = log;
  }

  /** Whether a key may be used: 16 to 64 letters, digits, `-` and `_`. */
  static isKey(key: string): boolean {
    return keyShape.test(key);
  }

  /** Remembers a connection; false when somebody has that key already. */
  enter(key: string | undefined, connection: Reachable): boolean {
    if (key === undefined) return true;
    if (this.#open.has(key)) return false;
    this.#open.set(key, connection);
    return true;
  }

  /** Forgets a connection and writes down how it ended. */
  leave(key: string | undefined, connection: Reachable, info: CloseInfo): void {
    if (key === undefined || this.#open.get(key) !== connection) return;
    this.#open.delete(key);
    this.#log.add(key, info);
  }

  find(key: string): Reachable | undefined {
    return this.#open.get(key);
  }
}
