import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';

import { callListener, plainAnswers } from '../../../src/server/http/plain.ts';
import type { RequestListener } from '../../../src/server/options/options.ts';
import { Router } from '../../../src/server/router.ts';
import { RawClient } from '../raw-client.ts';

const router = new Router<unknown>();
router.add('/chat/:room', {});

/** Asks a server with this listener, as the only request of a connection. */
async function ask(listener: RequestListener, method: string, path: string, lines = '') {
  const server = createServer((request, response) => callListener(listener, request, response));
  after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = await RawClient.connect({ port: (server.address() as AddressInfo).port });
  client.write(`${method} ${path} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`);
  const answer = await client.answer();
  const body = String(await client.rest());
  client.destroy();
  return { ...answer, body };
}

const plain = plainAnswers(router);

test('RFC 7231 §6.5.15: a GET on the path of an endpoint is told to upgrade', async () => {
  const { status, headers, body } = await ask(plain, 'GET', '/chat/1');
  assert.equal(status, 426);
  assert.equal(headers.get('upgrade'), 'websocket');
  assert.equal(headers.get('sec-websocket-version'), '13');
  assert.match(body, /not a WebSocket request/);
  const head = await ask(plain, 'HEAD', '/chat/1');
  assert.deepEqual([head.status, head.body], [426, '']);
});

test('all else is 404, and a path that cannot be decoded 400', async () => {
  assert.equal((await ask(plain, 'GET', '/other')).status, 404);
  assert.equal((await ask(plain, 'POST', '/chat/1', 'Content-Length: 0\r\n')).status, 404);
  assert.equal((await ask(plain, 'GET', '/chat/%zz')).status, 400);
});

test('RFC 6455 §4.2.1: an opening request without Connection: Upgrade is told what it lacks', async () => {
  const lines = 'Connection: close\r\nUpgrade: websocket\r\n';
  const { status, body } = await ask(plain, 'GET', '/chat/1', lines);
  assert.equal(status, 400);
  assert.match(body, /the Connection header must list Upgrade/);
});

test('a listener that throws or rejects is answered with 500 and reported in a line', async (t) => {
  const write = t.mock.method(process.stderr, 'write', () => true);
  const failing: readonly RequestListener[] = [
    () => {
      throw new Error('thrown');
    },
    () => Promise.reject(new Error('rejected')),
  ];
  for (const [index, listener] of failing.entries()) {
    const { status, body } = await ask(listener, 'GET', '/');
    assert.equal(status, 500);
    assert.doesNotMatch(body, /thrown|rejected/);
    assert.match(String(write.mock.calls[index]?.arguments[0]), /thrown|rejected/);
  }
});

test('a listener that fails in the middle of its answer loses the connection, nothing else', async (t) => {
  t.mock.method(process.stderr, 'write', () => true);
  const failing: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-length': 10 });
    response.write('half');
    return Promise.reject(new Error('rejected'));
  };
  const { status, body } = await ask(failing, 'GET', '/');
  assert.deepEqual([status, body], [200, 'half']);
});
