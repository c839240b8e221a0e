import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { type Clock, type Deadline, sharedClock } from '../../connection/timing/clock.ts';
import { refuse } from '../../handshake/decision.ts';
import type { Refusal } from '../../handshake/errors.ts';
import { sendRefusal } from './refusal.ts';

/** A client that has connected and has not sent a whole head yet. */
interface Opening {
  readonly raw: Socket;
  /** Where to answer: the raw socket, or the TLS socket once that is established. */
  socket: Socket | undefined;
  readonly since: number;
  readonly deadline: Deadline;
}

/** The clients of a server that have not sent their first head; TLS and head share one deadline. */
export class Openings {
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #all = new Set<Opening>();
  readonly #bySocket = new WeakMap<Duplex, Opening>();
  /** Node does not tell on which socket a TLS socket lies, but both have the same addresses. */
  readonly #byAddresses = new Map<string, Opening>();

  /** Refuses with 408 what takes longer than the timeout, in milliseconds. */
  constructor(timeout: number, clock: Clock = sharedClock) {
    this.#timeout = timeout;
    this.#clock = clock;
  }

  /** A client connected that speaks plain HTTP. */
  begin(socket: Socket): void {
    const opening = this.#add(socket, socket);
    this.#bySocket.set(socket, opening);
  }

  /** A client connected that is to establish TLS. */
  beginTls(raw: Socket): void {
    const addresses = addressesOf(raw);
    // Without addresses, as on a unix socket, TLS has Node's deadline and the head one of its own.
    if (addresses === undefined) return;
    this.#byAddresses.set(addresses, this.#add(raw, undefined));
    raw.once('close', () => this.#byAddresses.delete(addresses));
  }

  /** TLS is established. */
  secure(socket: Socket): void {
    const opening = this.#byAddresses.get(addressesOf(socket) ?? '');
    if (opening === undefined) return this.begin(socket);
    opening.socket = socket;
    this.#bySocket.set(socket, opening);
  }

  /** A head is complete; tells when its client connected, or undefined when it was not the first. */
  complete(socket: Duplex): number | undefined {
    const opening = this.#bySocket.get(socket);
    if (opening === undefined || !this.#all.has(opening)) return undefined;
    this.#remove(opening);
    return opening.since;
  }

  /** Refuses all that have not sent their head. */
  refuseAll(refusal: Refusal): void {
    for (const opening of this.#all) this.#refuse(opening, refusal);
  }

  #add(raw: Socket, socket: Socket | undefined): Opening {
    const late = () => this.#refuse(opening, 'TIMEOUT');
    const deadline = this.#clock.after(this.#timeout, late);
    const opening: Opening = { raw, socket, since: this.#clock.now(), deadline };
    this.#all.add(opening);
    raw.once('close', () => this.#remove(opening));
    return opening;
  }

  #remove(opening: Opening): void {
    opening.deadline.cancel();
    this.#all.delete(opening);
  }

  #refuse(opening: Opening, refusal: Refusal): void {
    this.#remove(opening);
    if (opening.socket === undefined) opening.raw.destroy();
    else sendRefusal(refuse(refusal), opening.socket);
  }
}

function addressesOf(socket: Socket): string | undefined {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remotePort === undefined) return undefined;
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
