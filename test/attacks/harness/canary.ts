import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';

import { connect, type Connection } from 'hawser';

import { onOwnWork } from './own-work.ts';
import { until } from './waiting.ts';

/** Milliseconds between two messages of a canary. */
const PACE = 20;

/** A well-behaved connection beside the attacked ones: what it sends must keep coming back. */
export class Canary {
  readonly #connection: Connection;
  readonly #timer: NodeJS.Timeout;
  readonly #filler: string;
  #latencies: number[] = [];
  #sent = 0;
  #came = 0;
  #sentAt = 0;
  #wrong: string | undefined;
  /** Whether the attacker's own work fell into the round trip under way. */
  #excused = false;
  readonly #forget: () => void;

  private constructor(connection: Connection, filler: string) {
    this.#connection = connection;
    this.#filler = filler;
    this.#timer = setInterval(() => this.#tick(), PACE);
    this.#forget = onOwnWork({ begin: () => (this.#excused = true), end: () => {} });
  }

  /** Connects and begins to sing; compressed, its messages are long enough to be deflated. */
  static async sing(url: string, compression: boolean): Promise<Canary> {
    const message = (_: Connection, text: string | Uint8Array) => canary?.hear(String(text));
    const tls = { rejectUnauthorized: false };
    const connection = await connect(url, { handler: { message }, compression, tls });
    assert.equal(connection.extensions !== '', compression);
    const canary: Canary | undefined = new Canary(connection, compression ? '.'.repeat(2_000) : '');
    return canary;
  }

  #tick(): void {
    if (this.#sent > this.#came) return;
    this.#excused = false;
    this.#sentAt = performance.now();
    this.#connection.send(`${++this.#sent}${this.#filler}`);
  }

  hear(text: string): void {
    if (!this.#excused) this.#latencies.push(performance.now() - this.#sentAt);
    this.#came++;
    if (text !== `${this.#sent}${this.#filler}`) this.#wrong ??= text.slice(0, 20);
  }

  /** Resolves when one more message has gone and come; throws when anything was lost. */
  async check(): Promise<void> {
    const goal = this.#sent + 1;
    await until(() => this.#came >= goal, 5_000, 'the echo of the canary');
    assert.equal(this.#wrong, undefined);
    assert.equal(this.#connection.state, 'open');
  }

  /** The round trips since this was asked last, in milliseconds. */
  latencies(): number[] {
    return this.#latencies.splice(0);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#forget();
    await this.#connection.close();
  }
}
