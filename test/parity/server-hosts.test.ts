import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { WebSocket } from 'ws';

import type { Connection } from '../../src/connection/connection.ts';
import type { Message } from '../../src/connection/handler.ts';
import { attach } from '../../src/server/attach.ts';
import { type Endpoint, endpoint } from '../../src/server/options/endpoint.ts';
import type { UpgradeRequest } from '../../src/server/request/request.ts';
import { serve } from '../../src/server/serve.ts';
import { acceptUpgrade, judgeUpgrade, refuseUpgrade } from '../../src/server/upgrade.ts';
import { maskedHello, RawClient, unmaskedHello } from '../server/raw-client.ts';
import { arrive, listening, serving } from '../server/serving.ts';
import { echoOf, statusOf } from '../server/ws-client.ts';
import { testCertificate } from '../support/certificate.ts';

const echo: Endpoint = {
  message(connection, message) {
    connection.send(message);
  },
};

test('F094, C-79: two paths on an HTTP server, another path is 404, pages are still served', async () => {
  const server = createServer((_request, response) => response.end('page'));
  const port = await listening(server);
  const attached = attach(server, {
    '/ws': echo,
    '/twice': { message: (connection, message) => connection.send(String(message).repeat(2)) },
  });
  assert.equal(await echoOf(new WebSocket(`ws://127.0.0.1:${port}/ws`)), 'hello');
  assert.equal(await echoOf(new WebSocket(`ws://127.0.0.1:${port}/twice`)), 'hellohello');
  assert.equal(await statusOf(`ws://127.0.0.1:${port}/other`), 404);
  for (const path of ['/', '/ws']) {
    assert.equal(await (await fetch(`http://127.0.0.1:${port}${path}`)).text(), 'page');
  }
  await attached.close();
});

test('F094: on a node:https server', async () => {
  const certificate = await testCertificate();
  const server = createTlsServer(certificate, (_request, response) => response.end('page'));
  const port = await listening(server);
  const attached = attach(server, { '/ws': echo });
  const ws = new WebSocket(`wss://localhost:${port}/ws`, { ca: certificate.cert });
  assert.equal(await echoOf(ws), 'hello');
  await attached.close();
});

test('F095, C-57: listen, echo, close with 1001, listen again on the same port', async () => {
  const { server, port, url } = await serving({ '/': echo });
  assert.equal(await echoOf(new WebSocket(url)), 'hello');
  const ws = new WebSocket(url);
  await once(ws, 'open');
  const closing = once(ws, 'close');
  await server.close();
  assert.equal((await closing)[0], 1001);
  await assert.rejects(RawClient.connect({ port }), { code: 'ECONNREFUSED' });
  const again = await serve({ port, host: '127.0.0.1', endpoints: { '/': echo } });
  assert.equal(await echoOf(new WebSocket(url)), 'hello');
  await again.close();
});

test('F078: a server that stops says so with the code it is told', async () => {
  const { server, url } = await serving({ '/': echo });
  const ws = new WebSocket(url);
  await once(ws, 'open');
  const closing = once(ws, 'close');
  await server.close({ code: 1012 });
  assert.equal((await closing)[0], 1012);
});

test('F096: inspect first, then accept or refuse', async () => {
  const guarded = endpoint({ ...echo, authorize: ({ headers }) => headers.has('x-key') });
  const good = await arrive({ 'X-Key': '1' }, maskedHello);
  const yes = await judgeUpgrade(good.request, guarded);
  assert.ok(yes.accepted);
  assert.equal(yes.request.headers.get('X-Key'), '1');
  assert.equal(good.socket.bytesWritten, 0);
  acceptUpgrade(yes, good.socket, good.head);
  assert.equal((await good.client.answer()).status, 101);
  assert.deepEqual(await good.client.bytes(7), unmaskedHello);
  const bad = await arrive();
  const no = await judgeUpgrade(bad.request, guarded);
  assert.ok(!no.accepted);
  assert.equal(no.status, 403);
  refuseUpgrade(no, bad.socket);
  assert.equal((await bad.client.answer()).status, 403);
  for (const { client } of [good, bad]) client.destroy();
});

test('F097, C-58: a net.Server hands its sockets over', async () => {
  const http = createServer();
  const attached = attach(http, {
    '/': { message: (connection, message) => connection.send(message === 'dummy' ? 'hello' : '?') },
  });
  const tcp = createTcpServer((socket) => http.emit('connection', socket));
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  after(() => tcp.close());
  const address = tcp.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const ws = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(ws, 'open');
  ws.send('dummy');
  assert.equal(String((await once(ws, 'message'))[0]), 'hello');
  ws.terminate();
  await attached.close();
});

test('F102: echo over a unix socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hawser-'));
  const path = join(folder, 'echo');
  const server = await serve({ path, endpoints: { '/': echo } });
  assert.equal(await echoOf(new WebSocket(`ws+unix://${path}:/`)), 'hello');
  await server.close();
  await rm(folder, { recursive: true });
});

test('F104, C-51: the idle timeouts of HTTP do not touch a silent connection', async () => {
  const server = createServer({ keepAliveTimeout: 200 }, (_request, response) => response.end());
  server.setTimeout(200);
  const port = await listening(server);
  const attached = attach(server, { '/': echo });
  const client = await RawClient.connect({ port });
  await client.request('/');
  // A plain connection that is dropped for being idle proves that the time has passed twice.
  for (let count = 0; count < 2; count++) {
    const plain = await RawClient.connect({ port });
    plain.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await plain.answer();
    await plain.rest();
    plain.destroy();
  }
  client.write(maskedHello);
  assert.deepEqual(await client.bytes(7), unmaskedHello);
  client.destroy();
  await attached.close();
});

test('F141, C-80: TLS with a self-signed certificate: refused, trusted, or not verified', async () => {
  const { key, cert } = await testCertificate();
  const { port } = await serving({ '/': echo }, { tls: { key, cert } });
  const url = `wss://localhost:${port}/`;
  await assert.rejects(once(new WebSocket(url), 'open'), { code: /SELF_SIGNED/ });
  assert.equal(await echoOf(new WebSocket(url, { rejectUnauthorized: false })), 'hello');
  assert.equal(await echoOf(new WebSocket(url, { ca: cert })), 'hello');
});

test('F141, C-80: of two client certificates only the one with the right name connects', async () => {
  const named = await testCertificate({ clientCertificate: 'alice' });
  assert.ok(named.client !== undefined);
  const { key, cert, client: alice } = named;
  const tls = { key, cert, ca: cert, requestCert: true, rejectUnauthorized: false };
  const guard = (name: string) => ({
    ...echo,
    authorize: ({ peerCertificate }: UpgradeRequest<object>) =>
      peerCertificate?.subject.CN === name,
  });
  const { server, port } = await serving(
    { '/alice': guard('alice'), '/bob': guard('bob') },
    { tls },
  );
  const connect = async (path: string, options: object) => {
    const client = await RawClient.connectTls({ port, host: '127.0.0.1', ca: cert, ...options });
    after(() => client.destroy());
    return (await client.request(path)).status;
  };
  assert.equal(await connect('/alice', alice), 101);
  assert.equal(await connect('/bob', alice), 403);
  assert.equal(await connect('/alice', {}), 403);
  // Self-signed by somebody else with the same name: sent, but not verified.
  const stranger = await testCertificate({ altNames: ['alice'] });
  const forged = { key: stranger.key, cert: stranger.cert };
  assert.equal(await connect('/alice', forged), 403);
  const [connection] = server.connections;
  const shown = connection?.request.peerCertificate;
  assert.equal(shown?.subject.CN, 'alice');
  assert.ok(Object.isFrozen(shown) && Object.isFrozen(shown.subject));
});

test('F142: one class serves both ends', async () => {
  class Echo {
    seen: string[] = [];
    message(connection: Connection, message: Message) {
      this.seen.push(`${connection.role} ${String(message)}`);
      if (connection.role === 'server') connection.send(message);
    }
  }
  const handler = new Echo();
  const { url } = await serving({ '/': { handler } });
  const { connect } = await import('../../src/client/connect.ts');
  const connection = await connect(url, { handler });
  connection.send('hello');
  while (handler.seen.length < 2) await new Promise(setImmediate);
  assert.deepEqual(handler.seen, ['server hello', 'client hello']);
  await connection.close();
});
