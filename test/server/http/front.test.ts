import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';

import { openingRequest, RawClient } from '../raw-client.ts';
import { start } from './starting.ts';

async function statusAfter(port: number, ...parts: readonly (string | Uint8Array)[]) {
  const client = await RawClient.connect({ port });
  client.write(...parts);
  const { status } = await client.answer();
  client.destroy();
  return status;
}

test('HS-29, C-38: what is not HTTP is answered with 400', async () => {
  const { port } = await start();
  const inputs = [
    Buffer.from('16030100a501', 'hex'),
    'SSH-2.0-x\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'foofoofoo\r\n\r\n',
    'V R P\r\n\r\n',
    'GET / HTTP/a.1\r\n\r\n',
    Buffer.from('GET / HTTP/\xff\xff\r\n\r\n', 'latin1'),
    openingRequest('/', {}, 'XXX / HTTP/1.1'),
    'GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n',
    'GET / HTTP/1.1\r\n folded: first\r\nHost: a\r\n\r\n',
  ];
  for (const input of inputs) assert.equal(await statusAfter(port, input), 400, String(input));
});

test('HS-13: a head over 16 KiB is answered with 431, a target over it with 414', async () => {
  const { port } = await start();
  assert.equal(await statusAfter(port, openingRequest('/', { 'X-A': 'a'.repeat(17_000) })), 431);
  assert.equal(await statusAfter(port, `GET /${'a'.repeat(17_000)} HTTP/1.1\r\n\r\n`), 414);
});

test('HS-15: a plain request has at most 100 headers', async () => {
  const { port } = await start();
  const lines = (count: number) => 'X-A: 1\r\n'.repeat(count);
  assert.equal(await statusAfter(port, `GET / HTTP/1.1\r\nHost: a\r\n${lines(99)}\r\n`), 200);
  assert.equal(await statusAfter(port, `GET / HTTP/1.1\r\nHost: a\r\n${lines(100)}\r\n`), 431);
});

test('F093: who sends no whole head is answered with 408 at the deadline', async () => {
  const { port } = await start({}, 100);
  for (const start of ['', 'GET / HTTP/1.1\r\nHost: a\r\n']) {
    const client = await RawClient.connect({ port });
    const before = performance.now();
    client.write(start);
    assert.equal((await client.answer()).status, 408);
    assert.ok(performance.now() - before < 5_000);
    await client.ended;
    client.destroy();
  }
});

test('what comes after its 408 is neither answered nor handled', async () => {
  let handled = 0;
  const count = () => void handled++;
  const { port } = await start({ onRequest: count, onUpgrade: count }, 50);
  for (const late of ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', openingRequest()]) {
    const client = await RawClient.connect({ port });
    assert.equal((await client.answer()).status, 408);
    await client.rest();
    client.write(late);
    client.socket.end();
    await once(client.socket, 'close').catch(() => undefined);
    assert.equal(String(client.read(1)), '');
  }
  assert.equal(handled, 0);
});

test('an upgrade tells when its client connected, but not behind an earlier request', async () => {
  const seen: (number | undefined)[] = [];
  const { port } = await start({
    onUpgrade({ socket, since }) {
      seen.push(since);
      socket.destroy();
    },
  });
  const first = await RawClient.connect({ port });
  first.write(openingRequest());
  await first.ended;
  const second = await RawClient.connect({ port });
  second.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await second.answer();
  second.write(openingRequest());
  await second.ended;
  assert.equal(typeof seen[0], 'number');
  assert.deepEqual([seen.length, seen[1]], [2, undefined]);
  for (const client of [first, second]) client.destroy();
});

test('garbage behind a request whose answer is under way ends the connection only', async () => {
  const { port } = await start({ onRequest: (_request, response) => response.write('half') });
  const client = await RawClient.connect({ port });
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.answer();
  client.write('garbage\r\n\r\n');
  assert.match(String(await client.rest()), /^4\r\nhalf\r\n$/);
  client.destroy();
  assert.equal(await statusAfter(port, openingRequest()), 418);
});

test('RFC 7230 §6.3.2: an upgrade that overtakes an answer ends the connection', async () => {
  const { port } = await start({ onRequest: () => {} });
  const client = await RawClient.connect({ port });
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n', openingRequest());
  assert.equal(String(await client.rest()), '');
  client.destroy();
});

test('Behaviour 13: closing refuses silent clients, drops idle ones, lets answers be finished', async () => {
  let respond: (response: ServerResponse) => void = () => {};
  const arrived = new Promise<ServerResponse>((resolve) => (respond = resolve));
  const { front, port } = await start({
    onRequest: (request, response) => {
      if (request.url === '/slow') respond(response);
      else response.end('page');
    },
  });
  const silent = await RawClient.connect({ port });
  const idle = await RawClient.connect({ port });
  idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await idle.answer();
  const slow = await RawClient.connect({ port });
  slow.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
  const response = await arrived;
  const gone = front.close();
  assert.equal((await silent.answer()).status, 503);
  await idle.ended;
  await assert.rejects(RawClient.connect({ port }), { code: 'ECONNREFUSED' });
  response.end('late');
  await slow.answer();
  assert.equal(String(await slow.rest()), 'late');
  for (const client of [silent, idle, slow]) client.destroy();
  await gone;
});

test('a pipelined request that is begun while closing is the last of its connection', async () => {
  const responses: ServerResponse[] = [];
  const { front, port } = await start({
    onRequest: (_request, response) => responses.push(response),
  });
  const client = await RawClient.connect({ port });
  client.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n');
  while (responses.length === 0) await new Promise(setImmediate);
  const gone = front.close();
  client.write('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
  while (responses.length === 1) await new Promise(setImmediate);
  for (const response of responses) response.end('page');
  assert.equal((await client.answer()).status, 200);
  await client.bytes(4);
  assert.equal((await client.answer()).headers.get('connection'), 'close');
  client.destroy();
  await gone;
});

test('destroy drops whatever is left', async () => {
  const { front, port } = await start({ onRequest: () => {}, onUpgrade: () => {} });
  const clients: RawClient[] = [];
  for (const input of ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', openingRequest()]) {
    const client = await RawClient.connect({ port });
    client.write(input);
    clients.push(client);
  }
  const gone = front.close();
  front.destroy();
  await gone;
  for (const client of clients) client.destroy();
});

test('an error of the listening socket is printed once and ends nothing', async (t) => {
  const write = t.mock.method(process.stderr, 'write', () => true);
  let accepted: Socket | undefined;
  const { port } = await start({
    onRequest(request, response) {
      accepted = request.socket;
      response.end('page');
    },
  });
  const client = await RawClient.connect({ port });
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.answer();
  const { _server: server } = accepted as unknown as { _server: NodeJS.EventEmitter };
  const error = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
  server.emit('error', error);
  server.emit('error', error);
  assert.equal(write.mock.callCount(), 1);
  assert.match(String(write.mock.calls[0]?.arguments[0]), /could not be accepted: accept EMFILE/);
  client.destroy();
});
