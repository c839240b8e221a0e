import type { Duplex } from 'node:stream';

import type { CloseInfo } from '../connection/closing/close-info.ts';
import type { Connection } from '../connection/connection.ts';
import { type MemoryBudgets, sharedBudgets } from '../connection/limits/shared-budgets.ts';
import {
  duration,
  resolveOptions,
  type Rule,
  wrongType,
} from '../connection/options/option-rules.ts';
import { type Clock, sharedClock } from '../connection/timing/clock.ts';
import { refuse } from '../handshake/decision.ts';
import { CloseCode, isValidCloseCode } from '../protocol/closing/close-code.ts';
import { sendRefusal } from './http/refusal.ts';
import { ConnectionLimits } from './limits/connection-limits.ts';
import { Roster } from './limits/roster.ts';
import type { ResolvedEndpoint, ResolvedEndpoints } from './options/endpoint.ts';
import type { ResolvedServerLimits } from './options/server-limits.ts';
import { type Admission, isJudgedAtOnce, judge, judgeAtOnce } from './request/judge.ts';
import { PendingHandshake } from './request/pending.ts';
import type { ReceivedRequest } from './request/request.ts';
import type { Match } from './router.ts';
import { type ServerStats, ServerTally } from './stats.ts';
import { conclude, type Keeper } from './upgrade.ts';

/** How a server closes. */
export interface CloseOptions {
  /** The close code for open connections. Default: 1001, going away. */
  readonly code?: number;
  /** How long closing may take before connections are terminated, in milliseconds. Default: 10 000. */
  readonly deadline?: number;
}

/** How a server closes, checked. */
export interface ResolvedCloseOptions {
  readonly code: number;
  readonly deadline: number;
}

const closeCode: Rule<number> = (value, name) => {
  if (typeof value !== 'number') throw wrongType(name, 'a number', value);
  if (isValidCloseCode(value)) return value;
  throw new RangeError(`${name} must be a close code that may be sent, but is ${value}`);
};

/** Checks the options of `close`. */
export function resolveCloseOptions(given: CloseOptions = {}): ResolvedCloseOptions {
  const defaults = { code: CloseCode.GoingAway, deadline: 10_000 };
  return resolveOptions<ResolvedCloseOptions>(
    given,
    { code: closeCode, deadline: duration },
    defaults,
  );
}

/** Where a path leads to: an endpoint, and the host of its connections. */
export interface Route {
  readonly endpoint: ResolvedEndpoint;
  readonly host: ConnectionHost;
}

/** The routes to all endpoints of one host. */
export function routesTo(
  host: ConnectionHost,
  endpoints: ResolvedEndpoints,
): ReadonlyMap<string, Route> {
  const routes = [...endpoints].map(([path, endpoint]): [string, Route] => [
    path,
    { endpoint, host },
  ]);
  return new Map(routes);
}

/** An upgrade request whose head is complete. */
export interface Arrival {
  readonly request: ReceivedRequest;
  /** What the connection is to use; mostly the request's own socket. */
  readonly socket: Duplex;
  /** What came behind the head. */
  readonly behind: Uint8Array;
  /** When its handshake began, by the host's clock. Default: now. */
  readonly since?: number | undefined;
}

/** Hands an upgrade request to the endpoint that was found for it. */
export function receiveAt(match: Match<Route> | 'malformed', arrival: Arrival): void {
  if (match === 'malformed') return void sendRefusal(refuse('TARGET_INVALID'), arrival.socket);
  const { endpoint, host } = match.target;
  host.receive(arrival, endpoint, match.params);
}

/** The way of one client to its place among the connections, and back when none comes of it. */
class Entrance {
  readonly #places: ConnectionLimits;
  readonly #tally: ServerTally;
  #taken = false;
  #remoteAddress: string | undefined;

  constructor(places: ConnectionLimits, tally: ServerTally) {
    this.#places = places;
    this.#tally = tally;
  }

  readonly admit: Admission = (remoteAddress) => {
    const limit = this.#places.take(remoteAddress);
    if (limit !== undefined) {
      this.#tally.limit(limit, remoteAddress);
      return refuse('UNAVAILABLE');
    }
    this.#taken = true;
    this.#remoteAddress = remoteAddress;
    return undefined;
  };

  /** The place is the connection's as long as that lives; without one it is free. */
  occupy(connection: Connection<unknown, unknown> | undefined): void {
    if (connection === undefined && this.#taken) this.#places.leave(this.#remoteAddress);
  }
}

/** How long `close` handlers may take after connections were terminated, in milliseconds. */
const LAST_CALLS = 100;

/** Holds what belongs to one server: its open connections and the handshakes under way. */
export class ConnectionHost {
  readonly tally = new ServerTally();
  readonly #limits: ResolvedServerLimits;
  readonly #budgets: MemoryBudgets;
  readonly #places: ConnectionLimits;
  readonly #clock: Clock;
  readonly #connections = new Roster<Connection>();
  readonly #pending = new Set<PendingHandshake>();
  #closing = false;

  constructor(
    limits: ResolvedServerLimits,
    budgets: MemoryBudgets = sharedBudgets,
    clock: Clock = sharedClock,
  ) {
    this.#limits = limits;
    this.#budgets = budgets;
    this.#places = new ConnectionLimits(limits);
    this.#clock = clock;
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections.asSet;
  }

  /** How many handshakes wait for `authorize`. */
  get pendingHandshakes(): number {
    return this.#pending.size;
  }

  /** What was counted; `incomplete` is how many clients have not sent their head yet. */
  stats(incomplete = 0): ServerStats {
    return this.tally.snapshot({
      connections: this.#connections.all(),
      pendingHandshakes: this.#pending.size + incomplete,
      limits: this.#limits,
      budgets: this.#budgets,
    });
  }

  /** Carries out an opening handshake, up to the open connection or the refusal. Never throws. */
  receive(
    arrival: Arrival,
    endpoint: ResolvedEndpoint,
    params: Readonly<Record<string, string>>,
  ): void {
    const { request, socket, behind } = arrival;
    if (this.#closing || this.#isCrowded(request)) {
      return this.tally.refuse(refuse('UNAVAILABLE'), socket);
    }
    if (!isJudgedAtOnce(endpoint)) return void this.#ask(arrival, endpoint, params);
    const entrance = new Entrance(this.#places, this.tally);
    const decision = judgeAtOnce(request, endpoint, params, entrance.admit);
    entrance.occupy(conclude(decision, socket, behind, this.#keeper));
    request.headers.compact();
  }

  async #ask(
    { request, socket, behind, since }: Arrival,
    endpoint: ResolvedEndpoint,
    params: Readonly<Record<string, string>>,
  ): Promise<void> {
    const now = this.#clock.now();
    const timeLeft = Math.max(0, (since ?? now) + endpoint.options.handshakeTimeout - now);
    const pending = new PendingHandshake(socket, timeLeft, this.#clock);
    this.#pending.add(pending);
    const entrance = new Entrance(this.#places, this.tally);
    const decision = await judge(request, endpoint, params, pending, entrance.admit);
    this.#pending.delete(pending);
    const answer = this.#closing ? refuse('UNAVAILABLE') : decision;
    entrance.occupy(conclude(answer, socket, behind, this.#keeper));
    request.headers.compact();
  }

  #isCrowded({ socket }: ReceivedRequest): boolean {
    if (this.#pending.size < this.#limits.maxPendingHandshakes) return false;
    this.tally.limit('maxPendingHandshakes', socket.remoteAddress);
    return true;
  }

  readonly #keeper: Keeper = {
    tally: this.tally,
    refuse: (decision, socket) => this.tally.refuse(decision, socket),
    hold: (opened) => {
      this.#connections.add(opened as Connection);
      this.tally.onAccepted();
    },
    onClosed: (closed, info) => this.#onClosed(closed as Connection, info),
  };

  #onClosed(connection: Connection, info: CloseInfo): void {
    this.#connections.delete(connection);
    this.tally.onClosed(connection, info);
    this.#places.leave(connection.remoteAddress);
  }

  /** Refuses what is under way with 503 and closes what is open; at the deadline terminates it. */
  async close({ code, deadline }: ResolvedCloseOptions): Promise<void> {
    this.#closing = true;
    for (const pending of this.#pending) pending.interrupt('UNAVAILABLE');
    const open = this.#connections.all();
    for (const connection of open) void connection.close(code);
    const allClosed = Promise.all(open.map((connection) => connection.closed));
    if (await isDoneWithin(allClosed, deadline, this.#clock)) return;
    for (const connection of open) connection.terminate();
    await isDoneWithin(allClosed, LAST_CALLS, this.#clock);
  }
}

/** Whether a promise that never rejects resolves within a time in milliseconds. */
export function isDoneWithin(done: Promise<unknown>, time: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const deadline = clock.after(time, () => resolve(false));
    void done.then(() => {
      deadline.cancel();
      resolve(true);
    });
  });
}
