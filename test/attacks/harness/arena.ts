import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

import { connect, type ConnectOptions } from 'hawser';
import { acceptKey } from 'hawser/protocol';

import { type Lines, openingRequest } from '../../support/opening-request.ts';
import { type Answer, Attacker } from './attacker.ts';
import { Stage, type StageSetup } from './stage.ts';
import { type Resources, resources } from './vitals.ts';
import { until, within } from './waiting.ts';
import { type Witness, witnessing } from './witness.ts';

/** Who is attacked: a server over TCP or TLS or with deflate on, or a client of the same kinds. */
export type Target = 'plain' | 'tls' | 'deflate' | 'client' | 'client deflate';

/** An attacker and what it attacks. */
export interface Duel {
  readonly attacker: Attacker;
  readonly witness: Witness;
}

/** What was measured, and what it must not exceed. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly bound: number;
  readonly unit: string;
}

/** A server that the attacker is; clients that connect to it are attacked. */
export interface Rogue {
  readonly port: number;
  /** The next client that connects. */
  client(): Promise<Attacker>;
  /** How many have connected. */
  clients(): number;
}

/** How much of an input is done. */
export interface Form {
  readonly full: boolean;
  readonly silent: boolean;
}

/** What a server must agree to that takes up the offer of our client (RFC 7692 §7.1). */
const agreed =
  'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12';

/** Where one input is tried: everything opened here is closed afterwards. */
export class Arena {
  readonly target: Target;
  /** Whether this is the long form of the script's. */
  readonly full: boolean;
  /** Whether the attacker stays silent to the end, which takes a second. */
  readonly silent: boolean;
  readonly figures: Figure[] = [];
  /** What came, where a row has more to tell than that it held. */
  readonly notes: string[] = [];
  readonly #baseline: Resources;
  readonly #witnesses: Witness[] = [];
  readonly #attackers: Attacker[] = [];
  readonly #cleanups: (() => Promise<unknown> | void)[] = [];
  readonly #known: number;
  /** How many sockets there are without attackers and what they attack. */
  #sockets: number;
  readonly stage: Stage;

  constructor(stage: Stage, target: Target, form: Form) {
    this.stage = stage;
    this.target = target;
    this.full = form.full;
    this.silent = form.silent;
    this.#known = stage.witnesses.length;
    this.#baseline = resources();
    this.#sockets = socketsIn(this.#baseline);
  }

  /** The connections that this input opened. */
  get opened(): readonly Witness[] {
    return [...this.stage.witnesses.slice(this.#known), ...this.#witnesses];
  }

  readonly figure = (name: string, value: number, bound: number, unit: string): void => {
    this.figures.push({ name, value, bound, unit });
  };

  /** Calls something when the input is over, last things first. */
  after(cleanup: () => Promise<unknown> | void): void {
    this.#cleanups.unshift(cleanup);
  }

  /** A bare socket to the server. */
  async attacker(stage = this.stage, port = stage.port): Promise<Attacker> {
    const attacker = await Attacker.connect({ port, tls: stage.tls });
    this.#attackers.push(attacker);
    return attacker;
  }

  /** Sends an opening request and gives the answer. */
  async request(
    lines?: Lines,
    start?: string,
    stage?: Stage,
  ): Promise<{ attacker: Attacker; answer: Answer }> {
    const attacker = await this.attacker(stage);
    attacker.write(openingRequest(lines, start));
    return { attacker, answer: await attacker.answer() };
  }

  /** A connection that is open, in the attacker's hands. */
  duel(options: ConnectOptions = {}): Promise<Duel> {
    if (!this.target.startsWith('client')) return this.duelWith(this.stage);
    return this.#duelWithClient(options);
  }

  /** A connection to a server, be it by way of another port, that is open, in the attacker's hands. */
  async duelWith(stage: Stage, lines: Lines = {}, port = stage.port): Promise<Duel> {
    const attacker = await this.attacker(stage, port);
    const known = stage.witnesses.length;
    const offer = stage.deflate ? { 'Sec-WebSocket-Extensions': 'permessage-deflate' } : {};
    attacker.write(openingRequest({ ...offer, ...lines }));
    const { status } = await attacker.answer();
    assert.equal(status, 101);
    const witness = stage.witnesses[known];
    if (witness === undefined) throw new Error('the server opened no connection');
    return { attacker, witness };
  }

  /** Another server with canaries of its own. */
  async open(setup: StageSetup): Promise<Stage> {
    const stage = await Stage.open(setup);
    this.#sockets += 2 * stage.canaries.length;
    this.after(async () => {
      for (const canary of stage.canaries) await canary.check();
      for (const witness of stage.witnesses) this.#witnesses.push(witness);
      await stage.close();
    });
    return stage;
  }

  /** Listens for clients to attack. */
  async rogue(): Promise<Rogue> {
    const waiting: Attacker[] = [];
    let wake = (): void => {};
    let seen = 0;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
      const attacker = new Attacker(socket, 'server');
      this.#attackers.push(attacker);
      waiting.push(attacker);
      seen++;
      wake();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.after(() => void server.close());
    const client = async (): Promise<Attacker> => {
      for (;;) {
        const attacker = waiting.shift();
        if (attacker !== undefined) return attacker;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    };
    const { port } = server.address() as AddressInfo;
    return { port, client: () => within(client(), 2_000, 'a client'), clients: () => seen };
  }

  async #duelWithClient(options: ConnectOptions): Promise<Duel> {
    const deflate = this.target === 'client deflate';
    const rogue = await this.rogue();
    const handler = witnessing((witness) => this.#witnesses.push(witness));
    const url = `ws://127.0.0.1:${rogue.port}/`;
    const known = this.#witnesses.length;
    const opening = connect(url, { compression: deflate, ...options, handler });
    const attacker = await rogue.client();
    const key = /^sec-websocket-key: (.*)\r$/im.exec(await attacker.head())?.[1] ?? '';
    attacker.write(switching(key, deflate ? [`Sec-WebSocket-Extensions: ${agreed}`] : []));
    await within(opening, 2_000, 'the client');
    const witness = this.#witnesses[known];
    if (witness === undefined) throw new Error('the client opened no connection');
    return { attacker, witness };
  }

  /** Resolves when no socket is left but those of the attackers themselves. */
  async socketsGone(ms: number): Promise<void> {
    const own = this.#attackers.filter(({ socket }) => !socket.destroyed).length;
    const isGone = () => socketsIn(resources()) <= this.#sockets + own;
    await until(isGone, ms, 'the attacked socket gone');
  }

  /** Ends everything that was opened here. */
  async clear(): Promise<void> {
    for (const attacker of this.#attackers) attacker.destroy();
    for (const cleanup of this.#cleanups.splice(0)) await cleanup();
  }

  get baseline(): Resources {
    return this.#baseline;
  }
}

function socketsIn(now: Resources): number {
  return now.get('TCPSocketWrap') ?? 0;
}

/** The head of a 101 with further header lines. */
export function switching(key: string, lines: readonly string[] = []): string {
  const head = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptKey(key)}`,
    ...lines,
  ];
  return `${head.join('\r\n')}\r\n\r\n`;
}
