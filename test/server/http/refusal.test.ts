import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { test } from 'node:test';

import { refuse } from '../../../src/handshake/decision.ts';
import { sendRefusal } from '../../../src/server/http/refusal.ts';
import { tcpPair } from '../../support/socket-pair.ts';
import { RawClient } from '../raw-client.ts';

test('RFC 7230 §6.6: a refusal is a whole answer, then the connection ends', async () => {
  const { server, client } = await tcpPair();
  const peer = new RawClient(client);
  sendRefusal(refuse('ORIGIN', { headers: [['X-A', 'b']], body: 'nö\n' }), server);
  const { status, headers } = await peer.answer();
  assert.equal(status, 403);
  assert.equal(headers.get('connection'), 'close');
  assert.equal(headers.get('content-length'), '4');
  assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(headers.get('x-a'), 'b');
  assert.equal(String(await peer.rest()), 'nö\n');
  client.end();
  await once(server, 'close');
});

test('the bytes of a body that is no text arrive as they are', async () => {
  const { server, client } = await tcpPair();
  const peer = new RawClient(client);
  const content = Uint8Array.of(0, 255, 128, 10);
  sendRefusal({ ...refuse('UNAUTHORIZED', { status: 418, body: '' }), content }, server);
  const { status, headers } = await peer.answer();
  assert.equal(status, 418);
  assert.equal(headers.get('content-length'), '4');
  assert.deepEqual(await peer.rest(), Buffer.from(content));
  client.destroy();
});

test('a client that goes on sending and never hangs up gets its answer and is dropped', async () => {
  const { server, client } = await tcpPair();
  const peer = new RawClient(client);
  client.write(Buffer.alloc(300_000));
  const before = performance.now();
  sendRefusal(refuse('NOT_FOUND'), server);
  assert.equal((await peer.answer()).status, 404);
  await once(server, 'close');
  assert.ok(performance.now() - before >= 990);
  client.destroy();
});

test('a reset while the refusal is sent ends nothing but the socket', async () => {
  const { server, client } = await tcpPair();
  client.resetAndDestroy();
  await once(client, 'close');
  const closed = new Promise((resolve) => server.once('close', resolve));
  sendRefusal(refuse('NOT_FOUND'), server);
  await closed;
});

test('a socket that cannot be written to any more is destroyed', () => {
  const gone = new PassThrough();
  gone.destroy();
  sendRefusal(refuse('NOT_FOUND'), gone);
  const ended = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  ended.end();
  sendRefusal(refuse('NOT_FOUND'), ended);
  assert.ok(ended.destroyed);
});
