import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { test } from 'node:test';

import { connect } from '../../src/client/connect.ts';
import type { Message } from '../../src/connection/handler.ts';
import { serve } from '../../src/server/serve.ts';
import { serving } from '../server/serving.ts';

/** What connecting to a port comes to. */
function knock(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  });
}

test('Behaviour 13: the listening socket closes at once, while a connection still ends', async () => {
  const { server, port, connect: open } = await serving({ '/': { message() {} } });
  const mute = await open();
  await mute.request();
  assert.equal(await knock(port), 'connected');
  let closed = false;
  const closing = server.close({ deadline: 60_000 }).then(() => (closed = true));
  assert.equal(await knock(port), 'ECONNREFUSED');
  assert.equal(closed, false);
  mute.destroy();
  await closing;
});

test('Behaviour 13: every connection gets what send accepted, then the code', async () => {
  const large = new Uint8Array(300_000);
  const server = await serve({
    port: 0,
    host: '127.0.0.1',
    endpoints: {
      '/': {
        open(connection) {
          connection.send('first');
          connection.send(large);
        },
        message() {},
      },
    },
  });
  const url = `ws://127.0.0.1:${server.address.port}/`;
  const clients = await Promise.all([connect(url), connect(url), connect(url)]);
  const closing = server.close({ code: 1012 });
  for (const client of clients) {
    const messages: Message[] = [];
    for await (const message of client) messages.push(message);
    assert.deepEqual(
      messages.map((message) => message.length),
      [5, large.length],
    );
    const { code, wasClean } = await client.closed;
    assert.deepEqual([code, wasClean], [1012, true]);
  }
  await closing;
});
