import type { Connection } from '../../connection/connection.ts';
import { sharedClock } from '../../connection/timing/clock.ts';
import {
  type CloseOptions,
  isDoneWithin,
  type ResolvedCloseOptions,
  resolveCloseOptions,
} from '../host.ts';
import type { ServerAddress } from '../http/front.ts';
import type { ResolvedServerLimits } from '../options/server-limits.ts';
import type { Server } from '../serve.ts';
import type { ServerStats } from '../stats.ts';
import type { Crew, CrewServer } from './crew.ts';
import { closeOrder, type Report } from './messages.ts';
import { pastOf, sumOfStats } from './sum.ts';

/** How much longer than its deadline a worker may take to close, in milliseconds. */
const GRACE = 1_000;

/** A server of the primary process: the connections are with its workers. */
export class WorkerServer implements Server, CrewServer {
  readonly number: number;
  readonly connections: ReadonlySet<Connection> = new Set();
  /** Resolves when all workers listen; rejects when one cannot. */
  readonly opened: Promise<void>;
  readonly #crew: Crew;
  readonly #limits: ResolvedServerLimits;
  readonly #stats = new Map<number, ServerStats>();
  /** The counts of those that have ended, added up. */
  #past: readonly ServerStats[] = [];
  readonly #listening = new Set<number>();
  #address: ServerAddress = { address: '', family: 'unix', port: 0 };
  #onOpened: () => void = () => {};
  #onFailed: (error: Error) => void = () => {};
  #onClosed: () => void = () => {};
  #closed: Promise<void> | undefined;

  constructor(number: number, crew: Crew, limits: ResolvedServerLimits) {
    this.number = number;
    this.#crew = crew;
    this.#limits = limits;
    this.opened = new Promise((resolve, reject) => {
      this.#onOpened = resolve;
      this.#onFailed = reject;
    });
    crew.join(this);
  }

  get address(): ServerAddress {
    return this.#address;
  }

  /** What the workers last told, twice a second, added up. */
  stats(): ServerStats {
    return sumOfStats([...this.#past, ...this.#stats.values()], this.#limits);
  }

  close(options?: CloseOptions): Promise<void> {
    const resolved = resolveCloseOptions(options);
    this.#closed ??= this.#close(resolved);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  onReport(worker: number, report: Report): void {
    if ('listening' in report) this.#onListening(worker, report.listening);
    else if ('stats' in report) this.#stats.set(worker, report.stats);
    else if ('closed' in report) this.#forget(worker);
    else this.#onFailed(Object.assign(new Error(report.failed.message), report.failed));
  }

  onGone(worker: number, why: string): void {
    this.#onFailed(new Error(`a worker ended before it listened: ${why}`));
    this.#forget(worker);
    const last = this.#stats.get(worker);
    if (last === undefined || !this.#stats.delete(worker)) return;
    this.#past = [sumOfStats([...this.#past, pastOf(last)], this.#limits)];
  }

  #onListening(worker: number, address: ServerAddress): void {
    this.#address = address;
    this.#listening.add(worker);
    if (this.#listening.size >= this.#crew.size) this.#onOpened();
  }

  #forget(worker: number): void {
    this.#listening.delete(worker);
    if (this.#listening.size === 0) this.#onClosed();
  }

  async #close(options: ResolvedCloseOptions): Promise<void> {
    const closed = new Promise<void>((resolve) => (this.#onClosed = resolve));
    this.#crew.order(closeOrder(this.number, options));
    if (this.#listening.size === 0) this.#onClosed();
    if (!(await isDoneWithin(closed, options.deadline + GRACE, sharedClock))) {
      for (const worker of this.#listening) this.#crew.kill(worker);
    }
    await this.#crew.leave(this);
  }
}
