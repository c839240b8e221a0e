import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { after, test } from 'node:test';

import { WebSocket } from 'ws';

import { broadcast } from '../../src/connection/sending/broadcast.ts';
import { connectOver } from '../../src/testing/connected-pair.ts';
import { DuplexTransport } from '../../src/transport/duplex.ts';
import { openingRequest } from '../server/raw-client.ts';
import { serving } from '../server/serving.ts';
import { turn, until } from '../suites/pairs.ts';
import { tcpPair } from '../support/socket-pair.ts';

/** A client of the npm package that notes what comes. */
async function listener(url: string, perMessageDeflate: boolean | object) {
  const client = new WebSocket(url, { perMessageDeflate });
  const messages: string[] = [];
  client.on('message', (data, binary) => {
    messages.push(`${binary ? 'binary' : 'text'} ${(data as Buffer).toString().slice(0, 20)}`);
  });
  await once(client, 'open');
  return { client, messages };
}

test('RFC 6455 §5.6, RFC 7692 §7: clients of every kind get the same messages in order', async () => {
  const kinds = {
    fresh: { compression: { threshold: 100 } },
    kept: { compression: { threshold: 100, contextTakeover: true } },
    plain: {},
  };
  const { server, url } = await serving({
    '/fresh': kinds.fresh,
    '/kept': kinds.kept,
    '/plain': kinds.plain,
  });
  const listeners = await Promise.all(
    Object.keys(kinds).flatMap((kind) =>
      [true, false, { serverMaxWindowBits: 9 }].map((deflate) =>
        listener(`${url}/${kind}`, deflate),
      ),
    ),
  );
  await until(() => server.connections.size === listeners.length);
  const expected: string[] = [];
  for (let index = 0; index < 40; index++) {
    const message = `${index},${'é'.repeat(index * 37)}`;
    const binary = index % 3 === 0;
    const sent = broadcast(server.connections, binary ? Buffer.from(message) : message);
    assert.deepEqual(sent, { queued: listeners.length, dropped: 0 });
    expected.push(`${binary ? 'binary' : 'text'} ${message.slice(0, 20)}`);
    if (index % 10 === 9) await turn();
  }
  for (const { client, messages } of listeners) {
    await until(() => messages.length === expected.length);
    assert.deepEqual(messages, expected);
    client.close();
    await once(client, 'close');
  }
});

test('a burst within one turn leaves each receiver in one write, as one range of memory', async () => {
  const { server: near, client: far } = await tcpPair();
  const { server, client } = connectOver([new DuplexTransport(near), new DuplexTransport(far)]);
  const writes: Uint8Array[] = [];
  const write = near.write.bind(near) as (bytes: Uint8Array, done?: () => void) => boolean;
  near.write = ((bytes: Uint8Array, done?: () => void) => {
    writes.push(bytes);
    return write(bytes, done);
  }) as typeof near.write;
  // A fresh range of the memory for frames: the burst does not cross its end.
  broadcast([server], new Uint8Array(2_000));
  broadcast([server], new Uint8Array(2_000));
  await client.receive();
  await client.receive();
  writes.length = 0;
  for (let index = 0; index < 16; index++) broadcast([server], `message ${index}`);
  for (let index = 0; index < 16; index++) {
    assert.equal(await client.receive({ timeout: 10_000 }), `message ${index}`);
  }
  assert.equal(writes.length, 1);
  server.terminate();
  client.terminate();
});

/** A client that counts the bytes after the opening handshake. */
async function subscriber(port: number): Promise<{ readonly socket: Socket; bytes: number }> {
  const socket = connectSocket({ port, host: '127.0.0.1' });
  after(() => socket.destroy());
  socket.on('error', () => {});
  socket.write(openingRequest());
  await once(socket, 'data');
  const counted = { socket, bytes: 0 };
  socket.on('data', (chunk: Buffer) => (counted.bytes += chunk.length));
  return counted;
}

test('1,000 receivers get bursts of 16, and those that do not read hold nobody up', async () => {
  const backpressure = { soft: 16_384, hard: 65_536, policy: 'drop-newest' } as const;
  const { server, port } = await serving({ '/': { backpressure } });
  const subscribers = [];
  // One after the other, so that they are the server's first.
  for (let count = 0; count < 10; count++) subscribers.push(await subscriber(port));
  for (let count = 10; count < 1_000; count += 45) {
    subscribers.push(...(await Promise.all(Array.from({ length: 45 }, () => subscriber(port)))));
  }
  await until(() => server.connections.size === 1_000);
  const deaf = subscribers.slice(0, 10);
  for (const { socket } of deaf) socket.pause();
  const frame = 64 + 2;
  let queued = 0;
  for (let burst = 1; burst <= 4; burst++) {
    for (let index = 0; index < 16; index++) {
      queued += broadcast(server.connections, new Uint8Array(64)).queued;
    }
    for (const each of subscribers.slice(10)) await until(() => each.bytes === burst * 16 * frame);
  }
  assert.equal(queued, 64_000);
  // Large ones fill the way to those that do not read; all others get every one of them.
  const large = new Uint8Array(262_144);
  let dropped = 0;
  let sent = 0;
  while (dropped < 10 && ++sent < 1_000) {
    dropped = broadcast([...server.connections].slice(0, 13), large).dropped;
    await turn();
  }
  assert.equal(dropped, 10);
  assert.equal(server.connections.size, 1_000);
  for (const connection of server.connections) assert.ok(connection.bufferedAmount < 600_000);
  for (const { socket } of subscribers) socket.destroy();
});
