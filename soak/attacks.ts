import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';

import type { Random } from './random.ts';

/** Bytes that a bad peer sends, and how it leaves. */
interface Attack {
  readonly bytes: Buffer;
  /** Milliseconds after which the peer leaves by itself; without it the server has to end it. */
  readonly leaves?: number;
  /** Whether it leaves by a reset. */
  readonly resets?: boolean;
  /** Whether it reads what comes back. */
  readonly deaf?: boolean;
}

/** Milliseconds for the server to end what breaks the rules: long, so that no busy machine counts. */
const patience = 60_000;

const key = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

function request(...lines: readonly string[]): Buffer {
  const head = [
    'GET /attacked HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(lines.some((line) => line.startsWith('Sec-WebSocket-Version'))
      ? []
      : ['Sec-WebSocket-Version: 13']),
    ...lines,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n`);
}

/** A masked frame of less than 64 KiB. */
function frame(first: number, payload: Buffer): Buffer {
  const short = payload.length < 126;
  const length = short ? [0x80 | payload.length] : [0xfe, payload.length >> 8, payload.length];
  const masked = payload.map((byte, index) => byte ^ (key[index & 3] ?? 0));
  return Buffer.concat([Buffer.from([first, ...length]), key, masked]);
}

const behindOpening = (...frames: readonly Buffer[]): Buffer =>
  Buffer.concat([request(), ...frames]);

const times = (count: number, bytes: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => bytes));

// Made once: what the attackers hold is not to be part of what is measured.
const tooLong = request(`X: ${'a'.repeat(20_000)}`);
const pings = behindOpening(times(2_000, frame(0x89, Buffer.from('x'))));
const messages = behindOpening(times(500, frame(0x82, Buffer.alloc(4_000))));

/** Every way to attack, by its name. */
export const attacks: Readonly<Record<string, (random: Random) => Attack>> = {
  'noise instead of a request': (random) => ({
    bytes: Buffer.from(Array.from({ length: 200 }, () => random.below(256)).concat(13, 10, 13, 10)),
  }),
  'a version nobody speaks': () => ({ bytes: request('Sec-WebSocket-Version: 12'), leaves: 1_000 }),
  'half a request': (random) => ({
    bytes: request().subarray(0, 20 + random.below(100)),
    leaves: 500 + random.below(2_000),
  }),
  'a header too long': () => ({ bytes: tooLong }),
  'an unmasked frame': () => ({ bytes: behindOpening(Buffer.from('810548656c6c6f', 'hex')) }),
  'a reserved opcode': () => ({ bytes: behindOpening(frame(0x83, Buffer.from('x'))) }),
  'a promise of a terabyte': () => ({
    bytes: behindOpening(Buffer.from('82ff000001000000000037fa213d', 'hex')),
  }),
  'text that is no UTF-8': () => ({
    bytes: behindOpening(frame(0x81, Buffer.from('c080', 'hex'))),
  }),
  'a Close that may not be': () => ({ bytes: behindOpening(frame(0x88, Buffer.from([3, 237]))) }),
  'noise instead of deflate': (random) => ({
    bytes: Buffer.concat([
      request('Sec-WebSocket-Extensions: permessage-deflate'),
      frame(0xc1, Buffer.from(Array.from({ length: 60 }, () => random.below(256) | 6))),
    ]),
    leaves: 2_000,
  }),
  'a flood of pings': (random) => ({
    bytes: pings,
    leaves: 500 + random.below(1_000),
  }),
  'a flood of messages, answers unread': (random) => ({
    bytes: messages,
    leaves: 500 + random.below(2_000),
    deaf: true,
  }),
  'a reset inside a frame': (random) => ({
    bytes: behindOpening(frame(0x82, Buffer.alloc(1_000)).subarray(0, 4 + random.below(900))),
    leaves: 50,
    resets: true,
  }),
  'a connection that says nothing': (random) => ({
    bytes: Buffer.alloc(0),
    leaves: 500 + random.below(3_000),
  }),
};

function leave(socket: Socket, { resets = false }: Attack): void {
  if (resets) socket.resetAndDestroy();
  else socket.destroy();
}

/** Attacks once; resolves with whether the connection ended in time. */
export function attack(port: number, name: string, random: Random): Promise<boolean> {
  const chosen = attacks[name]?.(random);
  if (chosen === undefined) throw new RangeError(`no attack is named ${name}`);
  return new Promise((resolve) => {
    let inTime = true;
    const socket = connect({ host: '127.0.0.1', port });
    const timer = setTimeout(() => {
      inTime = chosen.leaves !== undefined;
      leave(socket, chosen);
    }, chosen.leaves ?? patience);
    // Only what the library leaves behind is to be counted.
    timer.unref();
    // What a bad peer is told, and how, is not its business here.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(inTime);
    });
    if (chosen.deaf !== true) socket.resume();
    socket.write(chosen.bytes);
  });
}
