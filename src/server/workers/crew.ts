import cluster, { type Worker } from 'node:cluster';

import { sharedClock } from '../../connection/timing/clock.ts';
import { isDoneWithin } from '../host.ts';
import { type CloseOrder, closeOrder, isReport, type Report } from './messages.ts';

/** A server of the primary, which hears what becomes of it in each worker. */
export interface CrewServer {
  readonly number: number;
  onReport(worker: number, report: Report): void;
  onGone(worker: number, why: string): void;
}

/** How long after its end a worker is replaced, in milliseconds: one that cannot start must not spin. */
const RESTART_AFTER = 1_000;
/** How long a worker without servers may take to end, in milliseconds. */
const LEAVE_WITHIN = 1_000;

const goingAway = { code: 1001, deadline: 1 };

/** The workers of this program: each runs its main file and so opens all of its servers. */
export class Crew {
  readonly size: number;
  readonly #servers = new Map<number, CrewServer>();
  /** How many servers have joined; they are numbered in that order. */
  #joined = 0;
  /** What each worker told of servers that it opened before this process did, by their numbers. */
  readonly #early = new Map<number, Map<number, Report>>();
  readonly #workers = new Map<number, Worker>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  #dismissed = false;

  constructor(size: number) {
    this.size = size;
    for (let count = 0; count < size; count++) this.#fork();
  }

  /** Whether its workers were sent home: none is made any more. */
  get dismissed(): boolean {
    return this.#dismissed;
  }

  /** The ids of the workers that run. */
  get workers(): readonly number[] {
    return [...this.#workers.keys()];
  }

  join(server: CrewServer): void {
    this.#servers.set(server.number, server);
    this.#joined = server.number + 1;
    const early = this.#early.get(server.number) ?? [];
    this.#early.delete(server.number);
    for (const [worker, report] of early) server.onReport(worker, report);
  }

  /** Asks every worker to close a server; the last one that is closed dismisses the crew. */
  order(order: CloseOrder): void {
    this.#dismissed ||= [...this.#servers.keys()].every((number) => number === order.server);
    if (this.#dismissed) for (const restart of this.#restarts) clearTimeout(restart);
    for (const worker of this.#workers.values()) worker.send(order, () => {});
  }

  kill(id: number): void {
    this.#workers.get(id)?.process.kill('SIGKILL');
  }

  /** A server is closed; when it was the last, resolves once all workers have ended. */
  async leave(server: CrewServer): Promise<void> {
    this.#servers.delete(server.number);
    if (this.#servers.size > 0) return;
    this.#dismissed = true;
    const gone = [...this.#workers.values()].map((worker) => {
      if (worker.isConnected()) worker.disconnect();
      return new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    });
    if (await isDoneWithin(Promise.all(gone), LEAVE_WITHIN, sharedClock)) return;
    for (const id of this.workers) this.kill(id);
    await Promise.all(gone);
  }

  #fork(): void {
    const worker = cluster.fork();
    const { id } = worker;
    this.#workers.set(id, worker);
    worker.on('message', (message: unknown) => {
      if (isReport(message)) this.#onReport(worker, message);
    });
    worker.once('exit', (code, signal) => this.#onExit(id, signal ?? `exit code ${code}`));
    // What cannot be started, or told any more, ends; that is what counts.
    worker.on('error', () => {});
  }

  #onReport(worker: Worker, report: Report): void {
    const { server } = report;
    const joined = this.#servers.get(server);
    if (joined !== undefined) return joined.onReport(worker.id, report);
    if (!('listening' in report || 'failed' in report)) return;
    // A worker that came late opens what the others have closed.
    if (server < this.#joined) return void worker.send(closeOrder(server, goingAway));
    const early = this.#early.get(server) ?? new Map<number, Report>();
    this.#early.set(server, early.set(worker.id, report));
  }

  #onExit(id: number, why: string): void {
    this.#workers.delete(id);
    for (const early of this.#early.values()) early.delete(id);
    for (const server of this.#servers.values()) server.onGone(id, why);
    if (this.#dismissed) return;
    process.emitWarning(`a worker ended (${why}); another one takes its place`, 'HawserWarning');
    const restart = setTimeout(() => {
      this.#restarts.delete(restart);
      this.#fork();
    }, RESTART_AFTER);
    this.#restarts.add(restart);
  }
}

let shared: Crew | undefined;

/** The program's crew; a TypeError when its servers ask for different numbers of workers. */
export function sharedCrew(size: number): Crew {
  if (shared === undefined || shared.dismissed) shared = new Crew(size);
  if (shared.size === size) return shared;
  throw new TypeError(`workers must be ${shared.size} as for the program's other servers`);
}
