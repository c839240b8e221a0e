// A client that sends a whole message and half of another one, and then waits to be killed.
import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';

import { encodeFrame, Opcode } from 'hawser/protocol';

import { tell } from './talk.ts';

const [url = '', where = ''] = process.argv.slice(2);

async function open(): Promise<Socket> {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const opening = request(url.replace('ws:', 'http:'), { headers }).end();
  const [, socket] = (await once(opening, 'upgrade')) as [unknown, Socket];
  return socket;
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

const socket = await open();
const whole = encodeFrame(Opcode.Text, text('whole'), { maskingKey: 1 });
const half = encodeFrame(Opcode.Text, text('half '), { fin: false, maskingKey: 2 });
const last = encodeFrame(Opcode.Continuation, text('of a message'), { maskingKey: 3 });
const rest = where === 'inside a frame' ? last.subarray(0, 9) : last.subarray(0, 0);
socket.write(Buffer.concat([whole, half, rest]), () => void tell('half'));
