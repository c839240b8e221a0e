import { once } from 'node:events';
import type { Socket } from 'node:net';

import type { Clock } from '../connection/timing/clock.ts';
import { type CutBy, type Direction, directionsOf, type Faults } from './faults.ts';
import type { ResolvedFaults } from './faults.ts';
import { Flow, type FlowCounters } from './flow.ts';
import { reset } from './reset.ts';

/** What can be done to one connection through a proxy, or to all of them; without a direction, both ways. */
export interface FaultControls {
  /** Changes faults from now on; those not given stay. */
  set(faults: Faults, direction?: Direction): void;
  /** Forwards nothing until released: neither bytes nor FIN nor RST. */
  hold(direction?: Direction): void;
  release(direction?: Direction): void;
  /** Sends FIN; in one direction alone this is a half-close. Bytes that still come are dropped. */
  fin(direction?: Direction): void;
  /** Sends RST to whom the direction leads; the other end is left in the belief that all is well. */
  reset(direction?: Direction): void;
}

/** What a connection through a proxy is made from. */
export interface ProxiedSetup {
  readonly id: number;
  readonly client: Socket;
  readonly target: Socket;
  readonly faults: Readonly<Record<Direction, ResolvedFaults>>;
  readonly seed: number;
  readonly clock: Clock;
}

/** One connection through a fault proxy. */
export class ProxiedConnection implements FaultControls {
  /** 1 for the first connection of a proxy, 2 for the next. */
  readonly id: number;
  /** Resolves when the sockets of both sides are closed. */
  readonly closed: Promise<void>;
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #flows: Readonly<Record<Direction, Flow>>;
  #error: Error | undefined;

  constructor({ id, client, target, faults, seed, clock }: ProxiedSetup) {
    this.id = id;
    this.#client = client;
    this.#target = target;
    this.closed = Promise.all([gone(client), gone(target)]).then(() => {});
    for (const socket of [client, target]) {
      socket.on('error', (error) => (this.#error ??= error));
    }
    const flow = (direction: Direction, source: Socket, destination: Socket): Flow =>
      new Flow({
        source,
        destination,
        clock,
        seed,
        faults: faults[direction],
        name: `${id} ${direction}`,
        onCut: (by) => this.#cut(by),
      });
    this.#flows = {
      upstream: flow('upstream', client, target),
      downstream: flow('downstream', target, client),
    };
  }

  /** What went from the client to the target so far. */
  get upstream(): FlowCounters {
    return Object.freeze({ ...this.#flows.upstream.counters });
  }

  /** What went from the target to the client so far. */
  get downstream(): FlowCounters {
    return Object.freeze({ ...this.#flows.downstream.counters });
  }

  /** The first error of either socket, such as a target that refuses. */
  get error(): Error | undefined {
    return this.#error;
  }

  set(faults: Faults, direction?: Direction): void {
    for (const way of directionsOf(direction)) this.#flows[way].set(faults);
  }

  hold(direction?: Direction): void {
    this.set({ hold: true }, direction);
  }

  release(direction?: Direction): void {
    this.set({ hold: false }, direction);
  }

  fin(direction?: Direction): void {
    for (const way of directionsOf(direction)) this.#flows[way].end();
  }

  reset(direction?: Direction): void {
    this.hold();
    for (const way of directionsOf(direction)) {
      reset(way === 'upstream' ? this.#target : this.#client);
    }
  }

  /** Drops both sockets at once. */
  destroy(): void {
    for (const flow of Object.values(this.#flows)) flow.stop();
    this.#client.destroy();
    this.#target.destroy();
  }

  #cut(by: CutBy): void {
    if (by === 'fin') this.fin();
    else if (by === 'rst') this.reset();
    else this.hold();
  }
}

async function gone(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close').catch(() => gone(socket));
}
