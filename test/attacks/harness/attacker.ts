import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { buildFrame, type Frame, type FrameBits, keyOf, op, takeFrame } from './frames.ts';
import { ownWork } from './own-work.ts';
import { within } from './waiting.ts';

/** How long an answer may take that is to come at once, in milliseconds. */
const PATIENCE = 2_000;

/** Payloads from here on take time to mask, in bytes. */
const LARGE = 65_536;

/** Where an attacker connects to. */
export interface Goal {
  readonly port: number;
  readonly tls?: boolean;
  readonly localAddress?: string;
}

/** The head of an HTTP answer; the names of headers in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

/** A bare socket that sends what it is told, and of itself nothing: no pong, no Close, no FIN. */
export class Attacker {
  readonly socket: Socket;
  readonly side: 'client' | 'server';
  /** The frames read so far. */
  readonly frames: Frame[] = [];
  /** Resolves when the other side has ended its direction, be it by a reset. */
  readonly ended: Promise<void>;
  #unread: Buffer[] = [];
  #over = false;
  #wake: () => void = () => {};

  constructor(socket: Socket, side: 'client' | 'server' = 'client') {
    this.socket = socket;
    this.side = side;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#unread.push(chunk);
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#over = true;
        this.#wake();
        resolve();
      };
      socket.once('end', end);
      socket.once('close', end);
    });
  }

  static async connect({ port, tls = false, localAddress }: Goal): Promise<Attacker> {
    const where = { port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true };
    const from = localAddress === undefined ? where : { ...where, localAddress };
    const socket = tls ? connectTls({ ...from, rejectUnauthorized: false }) : connect(from);
    const attacker = new Attacker(socket);
    await once(socket, tls ? 'secureConnect' : 'connect');
    return attacker;
  }

  /** Whether the other side has ended its direction. */
  get over(): boolean {
    return this.#over;
  }

  write(...parts: readonly (string | Uint8Array)[]): void {
    this.socket.write(Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))));
  }

  /** Resolves when everything written is with the operating system. */
  flushed(): Promise<void> {
    return new Promise((resolve) => this.socket.write('', () => resolve()));
  }

  /** A frame as this side sends it, but for the bits given. */
  frame(opcode: number, payload: string | Uint8Array = '', bits: FrameBits = {}): Buffer {
    const build = () => buildFrame(opcode, payload, { key: keyOf(this.side), ...bits });
    return payload.length < LARGE ? build() : ownWork(build);
  }

  send(opcode: number, payload?: string | Uint8Array, bits?: FrameBits): void {
    this.socket.write(this.frame(opcode, payload, bits));
  }

  /** Reads the head of a request or an answer. */
  async head(patience = PATIENCE): Promise<string> {
    const end = () => this.#received().indexOf('\r\n\r\n');
    await this.#until(() => end() >= 0, patience, 'a head');
    return this.#take(end() + 4).toString('latin1');
  }

  /** Reads the head of an answer. */
  async answer(patience = PATIENCE): Promise<Answer> {
    const head = await this.head(patience);
    const [first = '', ...lines] = head.trim().split('\r\n');
    const pairs = lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
    return { status: Number(first.split(' ')[1]), headers: new Map(pairs) };
  }

  /** Reads the next frame. */
  async next(patience = PATIENCE): Promise<Frame> {
    const known = this.frames.length;
    await this.#until(() => this.#parse(known + 1), patience, 'a frame');
    const frame = this.frames[known];
    if (frame === undefined) throw new Error('the other side ended instead of sending a frame');
    return frame;
  }

  /** Reads frames up to the Close and gives its code, 1005 when it has none. */
  async closeCode(patience = PATIENCE): Promise<number> {
    for (;;) {
      const { opcode, payload } = await this.next(patience);
      if (opcode === op.close) return payload.length < 2 ? 1005 : payload.readUInt16BE(0);
    }
  }

  /** Reads so many bytes as they are. */
  async bytes(count: number, patience = PATIENCE): Promise<Buffer> {
    await this.#until(() => this.#received().length >= count, patience, `${count} bytes`);
    return this.#take(count);
  }

  /** Reads everything up to the end of the other side. */
  async rest(patience = PATIENCE): Promise<Buffer> {
    await within(this.ended, patience, 'the end');
    return this.#take(this.#received().length);
  }

  destroy(): void {
    this.socket.destroy();
  }

  #parse(count: number): boolean {
    while (this.frames.length < count) {
      const taken = takeFrame(this.#received());
      if (taken === undefined) return false;
      this.#take(taken.size);
      this.frames.push(taken.frame);
    }
    return true;
  }

  #received(): Buffer {
    const [only, more] = this.#unread;
    if (only !== undefined && more === undefined) return only;
    const all = Buffer.concat(this.#unread);
    this.#unread = [all];
    return all;
  }

  #take(size: number): Buffer {
    const all = this.#received();
    this.#unread = [all.subarray(size)];
    return all.subarray(0, size);
  }

  async #until(isSo: () => boolean, patience: number, what: string): Promise<void> {
    const wait = async () => {
      while (!isSo()) {
        if (this.#over) throw new Error(`${what} was due, but the other side ended`);
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    };
    await within(wait(), patience, what);
  }
}
