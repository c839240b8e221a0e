import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { CloseInfo } from '../connection/closing/close-info.ts';
import type { Connection } from '../connection/connection.ts';
import type { MemoryBudgets } from '../connection/limits/shared-budgets.ts';
import { tell } from '../connection/reporting/diagnostics.ts';
import { type LimitName, Tally } from '../connection/reporting/tally.ts';
import type { Refusal } from '../handshake/errors.ts';
import { hangUp, type RefusedUpgrade, sendRefusal } from './http/refusal.ts';
import type { ResolvedServerLimits } from './options/server-limits.ts';

/** Numbers by a key, such as how many refusals there were by their status. */
export type Counts<Key extends PropertyKey> = Readonly<Partial<Record<Key, number>>>;

/** A count for each direction. */
export interface BothWays {
  readonly received: number;
  readonly sent: number;
}

/** How much of a memory budget is held, in bytes. */
export interface BudgetUse {
  readonly used: number;
  readonly limit: number;
}

/** What a server is doing and has done since it began: a frozen snapshot. */
export interface ServerStats {
  /** Open connections. */
  readonly connections: number;
  /** Opening handshakes under way; behind `attach` only those in `authorize`. */
  readonly pendingHandshakes: number;
  /** Handshakes that became connections. */
  readonly accepted: number;
  /** Those that did not, by the HTTP status of the answer; 0 stands for no answer. */
  readonly refused: Counts<number>;
  /** Connections that ended, by the code of their CloseInfo. */
  readonly closed: Counts<number>;
  readonly messages: BothWays;
  /** Behind the opening handshakes, frame headers included, compressed as on the wire. */
  readonly bytes: BothWays;
  /** Messages dropped whole, as each connection counts them. */
  readonly dropped: { readonly messages: number; readonly bytes: number };
  /** How often each limit and deadline was hit, by the name of its option. */
  readonly limitsHit: Counts<LimitName>;
  /** The budgets of the server's options: mostly the process's, of which others hold a part too. */
  readonly memory: { readonly input: BudgetUse; readonly output: BudgetUse };
  /** What the limits of the server are. */
  readonly limits: ResolvedServerLimits;
}

/** What the state of a server adds to its counts. */
export interface ServerState {
  readonly connections: readonly Connection[];
  readonly pendingHandshakes: number;
  readonly limits: ResolvedServerLimits;
  readonly budgets: MemoryBudgets;
}

const limitsOfRefusals: Partial<Record<Refusal, LimitName>> = {
  HEAD_TOO_LARGE: 'headLimits',
  TARGET_TOO_LONG: 'headLimits',
  TIMEOUT: 'handshakeTimeout',
  APPLICATION_TIMEOUT: 'handshakeTimeout',
};

/** What a server counts: what its connections do, who got one and who did not. */
export class ServerTally extends Tally {
  #accepted = 0;
  readonly #refused = new Map<number, number>();
  readonly #closed = new Map<number, number>();
  #droppedMessages = 0;
  #droppedBytes = 0;

  /** Answers a request with a refusal, and counts it. */
  refuse(refused: RefusedUpgrade, socket: Duplex): void {
    const limit = limitsOfRefusals[refused.refusal];
    // A client that went away by itself hit no limit.
    if (limit !== undefined && !socket.destroyed) this.limit(limit, addressOf(socket));
    this.onRefused(sendRefusal(refused, socket));
  }

  /** Drops a client that is owed no answer, and counts it. */
  drop(refusal: Refusal, socket: Duplex): void {
    this.onRefused(hangUp(refusal, socket));
  }

  /** A client hit a limit before it had a connection. */
  limit(limit: LimitName, remoteAddress: string | undefined): void {
    this.hit(limit);
    tell('hawser:limit', () => ({ limit, connection: undefined, remoteAddress }));
  }

  onRefused(status: number): void {
    increase(this.#refused, status);
  }

  onAccepted(): void {
    this.#accepted++;
  }

  onClosed({ dropped }: Connection, { code }: CloseInfo): void {
    increase(this.#closed, code);
    this.#droppedMessages += dropped.messages;
    this.#droppedBytes += dropped.bytes;
  }

  /** All of it as it stands now. */
  snapshot({ connections, pendingHandshakes, limits, budgets }: ServerState): ServerStats {
    const dropped = { messages: this.#droppedMessages, bytes: this.#droppedBytes };
    for (const connection of connections) {
      dropped.messages += connection.dropped.messages;
      dropped.bytes += connection.dropped.bytes;
    }
    return Object.freeze({
      connections: connections.length,
      pendingHandshakes,
      accepted: this.#accepted,
      refused: countsOf(this.#refused),
      closed: countsOf(this.#closed),
      messages: Object.freeze({ received: this.messagesReceived, sent: this.messagesSent }),
      bytes: Object.freeze({ received: this.bytesReceived, sent: this.bytesSent }),
      dropped: Object.freeze(dropped),
      limitsHit: countsOf(this.limits),
      memory: Object.freeze({ input: useOf(budgets.input), output: useOf(budgets.output) }),
      limits,
    });
  }
}

function increase(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function countsOf<Key extends PropertyKey>(counts: ReadonlyMap<Key, number>): Counts<Key> {
  return Object.freeze(Object.fromEntries(counts) as Partial<Record<Key, number>>);
}

function useOf({ used, limit }: BudgetUse): BudgetUse {
  return Object.freeze({ used, limit });
}

function addressOf(socket: Duplex): string | undefined {
  return socket instanceof Socket ? socket.remoteAddress : undefined;
}
