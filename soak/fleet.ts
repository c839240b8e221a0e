import { setTimeout as wait } from 'node:timers/promises';

import { connect, type CloseInfo, type Connection } from 'hawser';

import { encodeMessage, makeSupply, numberOf } from './message.ts';
import type { Plan } from './options.ts';
import type { Random } from './random.ts';
import { type Faults, SequenceCheck } from './sequence.ts';

/** One connection of the load, and the numbers it sent. */
interface Member {
  readonly connection: Connection;
  readonly check: SequenceCheck;
  readonly compressed: boolean;
  sent: number;
  leaving: boolean;
}

/** Where the server listens. */
export interface Ports {
  readonly port: number;
  readonly tlsPort: number;
}

const supplySize = 65_536;

/** How many connections are opened at once while the fleet gathers. */
const openedAtOnce = 50;

/** Milliseconds for every handshake: what is judged is loss, not how busy the machine is. */
const patience = 60_000;

/** The most reasons that are kept word by word. */
const maxReasons = 10;

/** Well-behaved clients that send numbered messages and check what comes back. */
export class Fleet {
  sent = 0;
  received = 0;
  opened = 0;
  refused = 0;
  closed = 0;
  broken = 0;
  readonly brokenReasons: string[] = [];
  readonly #members: Member[] = [];
  readonly #byConnection = new Map<Connection, Member>();
  readonly #faults: Faults;
  readonly #plan: Plan;
  readonly #ports: Ports;
  readonly #random: Random;
  readonly #supply: string;
  readonly #handler = {
    message: (connection: Connection, message: string | Uint8Array): void => {
      this.received += 1;
      this.#byConnection.get(connection)?.check.receive(numberOf(message));
    },
    close: (connection: Connection, info: CloseInfo): void => this.#left(connection, info),
  };

  constructor(plan: Plan, ports: Ports, faults: Faults, random: Random) {
    this.#plan = plan;
    this.#ports = ports;
    this.#faults = faults;
    this.#random = random;
    this.#supply = makeSupply(random, supplySize);
  }

  /** How many connections are open and not about to close. */
  get size(): number {
    return this.#members.length;
  }

  /** Opens all connections of the plan. */
  async gather(): Promise<void> {
    while (this.size < this.#plan.connections && this.refused < 10) {
      const missing = Math.min(openedAtOnce, this.#plan.connections - this.size);
      await Promise.all(Array.from({ length: missing }, () => this.join()));
    }
  }

  /** Opens one connection: one in twenty by TLS, one in twenty compressed. */
  async join(): Promise<void> {
    const encrypted = this.#random.next() < 0.05;
    const compressed = this.#random.next() < 0.05;
    const { port, tlsPort } = this.#ports;
    const url = encrypted ? `wss://127.0.0.1:${tlsPort}/echo` : `ws://127.0.0.1:${port}/echo`;
    try {
      const connection = await connect(url, {
        handler: this.#handler,
        tls: { rejectUnauthorized: false },
        compression: compressed,
        connectTimeout: patience,
        handshakeTimeout: patience,
        closeTimeout: patience,
      });
      const check = new SequenceCheck(this.#faults);
      const member = { connection, check, compressed, sent: 0, leaving: false };
      this.#members.push(member);
      this.#byConnection.set(connection, member);
      this.opened += 1;
    } catch (error) {
      this.refused += 1;
      this.#remember(`not opened: ${String(error)}`);
    }
  }

  /** Sends one message on a connection drawn by lot. */
  send(): void {
    const member = this.#members[this.#random.below(this.#members.length)];
    if (member === undefined) return;
    const size = this.#random.below(member.compressed ? 4_000 : 800);
    const start = this.#random.below(supplySize - size);
    const body = this.#supply.slice(start, start + size);
    member.connection.send(encodeMessage(member.sent, body, this.#random.next() < 0.5));
    member.sent += 1;
    this.sent += 1;
  }

  /** Closes one connection drawn by lot, with whatever is still on its way. */
  leave(): void {
    const index = this.#random.below(this.#members.length);
    const member = this.#members[index];
    const last = this.#members.pop();
    if (member === undefined || last === undefined) return;
    if (last !== member) this.#members[index] = last;
    member.leaving = true;
    void member.connection.close();
  }

  /** Closes everything and waits until it is gone. */
  async disperse(): Promise<void> {
    while (this.size > 0) this.leave();
    const rounds = patience / 100;
    for (let round = 0; round < rounds && this.#byConnection.size > 0; round += 1) await wait(100);
    for (const member of this.#byConnection.values()) member.check.end(member.sent);
    this.broken += this.#byConnection.size;
  }

  #left(connection: Connection, info: CloseInfo): void {
    const member = this.#byConnection.get(connection);
    if (member === undefined) return;
    this.#byConnection.delete(connection);
    member.check.end(member.sent);
    if (member.leaving && info.wasClean) {
      this.closed += 1;
      return;
    }
    this.broken += 1;
    const index = this.#members.indexOf(member);
    if (index >= 0) this.#members.splice(index, 1);
    this.#remember(`closed: ${info.code} ${info.reason} by ${info.initiator}`);
  }

  #remember(reason: string): void {
    if (this.brokenReasons.length < maxReasons) this.brokenReasons.push(reason);
  }
}
