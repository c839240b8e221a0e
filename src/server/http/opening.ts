import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { type Clock, type Deadline, sharedClock } from '../../connection/timing/clock.ts';
import { refuse } from '../../handshake/decision.ts';
import type { Refusal } from '../../handshake/errors.ts';
import { addressKey } from '../limits/address-key.ts';
import { IncompleteHeads } from '../limits/incomplete-heads.ts';
import type { ServerTally } from '../stats.ts';

/** A client that has connected and has not sent a whole head yet. */
interface Opening {
  readonly raw: Socket;
  readonly key: string;
  /** Where to answer: the raw socket, or the TLS socket once that is established. */
  socket: (Socket & Awaited) | undefined;
  /** Whether there was no room for it: it is told so as soon as TLS is established. */
  readonly surplus: boolean;
  readonly since: number;
  readonly deadline: Deadline;
}

const openingOf = Symbol('opening');

/** Where a head may be awaited; no map has it, as those of short-lived keys burden the collector. */
type Awaited = Duplex & { [openingOf]?: Opening | undefined };

/** What openings keep to. */
export interface OpeningLimits {
  /** From the TCP connection to the end of the head, in milliseconds. */
  readonly timeout: number;
  /** The most handshakes under way. */
  readonly maxPendingHandshakes: number;
  /** How many of them have sent their head already. */
  readonly answering: () => number;
}

/** The clients of a server that have not sent their first head; TLS and head share one deadline. */
export class Openings {
  readonly #limits: OpeningLimits;
  readonly #tally: ServerTally;
  readonly #clock: Clock;
  readonly #all = new IncompleteHeads<Opening>();
  /** Node does not tell on which socket a TLS socket lies, but both have the same addresses. */
  readonly #byAddresses = new Map<string, Opening>();

  constructor(limits: OpeningLimits, tally: ServerTally, clock: Clock = sharedClock) {
    this.#limits = limits;
    this.#tally = tally;
    this.#clock = clock;
  }

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  /** A client connected that speaks plain HTTP; when it goes, that is to be told by `complete`. */
  begin(socket: Socket & Awaited): void {
    if (!this.#makeRoom(socket)) return this.#tally.refuse(refuse('UNAVAILABLE'), socket);
    socket[openingOf] = this.#add(socket, socket, false);
  }

  /** A client connected that is to establish TLS. */
  beginTls(raw: Socket): void {
    const addresses = addressesOf(raw);
    // Without addresses, as on a unix socket, TLS has Node's deadline and the head one of its own.
    if (addresses === undefined) return;
    // Without TLS there is no way to answer: one more is let in, which goes when the next comes.
    const surplus = !this.#makeRoom(raw);
    const opening = this.#add(raw, undefined, surplus);
    this.#byAddresses.set(addresses, opening);
    raw.once('close', () => {
      this.#remove(opening);
      // A client may come back by the same port before the end of its last socket is told.
      if (this.#byAddresses.get(addresses) === opening) this.#byAddresses.delete(addresses);
    });
  }

  /** TLS is established. */
  secure(socket: Socket & Awaited): void {
    const opening = this.#byAddresses.get(addressesOf(socket) ?? '');
    if (opening === undefined) {
      socket.on('close', () => this.complete(socket));
      return this.begin(socket);
    }
    opening.socket = socket;
    socket[openingOf] = opening;
    if (opening.surplus) this.#refuse(opening, 'UNAVAILABLE');
  }

  /**
   * A head is complete, or its client gone; tells when it connected, or undefined when it was not
   * the first.
   */
  complete(socket: Awaited): number | undefined {
    const opening = socket[openingOf];
    if (opening === undefined || !this.#remove(opening)) return undefined;
    return opening.since;
  }

  /** Refuses all that have not sent their head. */
  refuseAll(refusal: Refusal): void {
    for (const opening of this.#all.all()) this.#refuse(opening, refusal);
  }

  #hasRoom(): boolean {
    const { maxPendingHandshakes, answering } = this.#limits;
    return this.#all.size + answering() < maxPendingHandshakes;
  }

  /** Whether one more may come: if need be, one whose head is incomplete goes for it. */
  #makeRoom(newcomer: Socket): boolean {
    if (this.#hasRoom()) return true;
    this.#tally.limit('maxPendingHandshakes', newcomer.remoteAddress);
    const oldest = this.#all.oldestOfBusiest();
    if (oldest === undefined) return false;
    this.#remove(oldest);
    this.#tally.drop('UNAVAILABLE', oldest.raw);
    return this.#hasRoom();
  }

  #add(raw: Socket, socket: Socket | undefined, surplus: boolean): Opening {
    const deadline = this.#clock.after(this.#limits.timeout, () => {
      if (opening.socket === undefined) this.#tally.limit('handshakeTimeout', raw.remoteAddress);
      this.#refuse(opening, 'TIMEOUT');
    });
    const since = this.#clock.now();
    const key = addressKey(raw.remoteAddress) ?? '';
    const opening: Opening = { raw, key, socket, surplus, since, deadline };
    this.#all.add(opening);
    return opening;
  }

  #remove(opening: Opening): boolean {
    opening.deadline.cancel();
    if (opening.socket !== undefined) opening.socket[openingOf] = undefined;
    return this.#all.delete(opening);
  }

  #refuse(opening: Opening, refusal: Refusal): void {
    this.#remove(opening);
    if (opening.socket === undefined) this.#tally.drop(refusal, opening.raw);
    else this.#tally.refuse(refuse(refusal), opening.socket);
  }
}

function addressesOf(socket: Socket): string | undefined {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remotePort === undefined) return undefined;
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
