import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { WebSocket } from 'ws';

import type { Endpoint } from '../../src/server/options/endpoint.ts';
import { serve, type ServeOptions, type Server } from '../../src/server/serve.ts';
import { testCertificate } from '../support/certificate.ts';
import { maskedHello, openingRequest, RawClient, unmaskedHello } from './raw-client.ts';
import { serving } from './serving.ts';

const echo: Endpoint = {
  message(connection, message) {
    connection.send(message);
  },
};

/** Sends a text with the client of the npm package and gives what comes back. */
async function echoOf(ws: WebSocket): Promise<string> {
  await once(ws, 'open');
  ws.send('hello');
  const [message] = (await once(ws, 'message')) as [Buffer];
  ws.close();
  await once(ws, 'close');
  return String(message);
}

describe('where a server listens', () => {
  test('port 0 picks a free one, and the address tells it', async () => {
    const { server, url } = await serving({ '/': echo });
    assert.deepEqual(
      { ...server.address },
      {
        address: '127.0.0.1',
        family: 'IPv4',
        port: server.address.port,
      },
    );
    assert.ok(server.address.port > 0);
    assert.equal(await echoOf(new WebSocket(url)), 'hello');
  });

  test('a port in use rejects', async () => {
    const { port } = await serving({ '/': echo });
    await assert.rejects(serve({ port, host: '127.0.0.1', endpoints: {} }), { code: 'EADDRINUSE' });
  });

  test('F102: a unix socket, whose file is gone after close', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hawser-'));
    after(() => rm(folder, { recursive: true }));
    const path = join(folder, 'socket');
    for (let run = 0; run < 2; run++) {
      const server: Server = await serve({ path, endpoints: { '/x': echo } });
      assert.deepEqual({ ...server.address }, { address: path, family: 'unix', port: 0 });
      assert.equal(await echoOf(new WebSocket(`ws+unix://${path}:/x`)), 'hello');
      const [connection] = server.connections;
      assert.equal(connection?.remoteAddress, undefined);
      await server.close();
    }
  });

  test('TLS on a port and on a unix socket', async () => {
    const { key, cert } = await testCertificate();
    const { port } = await serving({ '/x': echo }, { tls: { key, cert } });
    assert.equal(await echoOf(new WebSocket(`wss://localhost:${port}/x`, { ca: cert })), 'hello');
    const folder = await mkdtemp(join(tmpdir(), 'hawser-'));
    after(() => rm(folder, { recursive: true }));
    const path = join(folder, 'socket');
    const server = await serve({ path, tls: { key, cert }, endpoints: { '/x': echo } });
    const client = await RawClient.connectTls({ path, ca: cert });
    assert.equal((await client.request('/x')).status, 101);
    client.write(maskedHello);
    assert.deepEqual(await client.bytes(7), unmaskedHello);
    client.destroy();
    await server.close();
  });
});

describe('options', () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{}, /^port or path must be given/],
    [{ port: 0 }, /^endpoints must be an object/],
    [{ port: -1, endpoints: {} }, /^port must be/],
    [{ port: 0, endpoints: {}, prot: 1 }, /^unknown option prot; allowed are/],
    [{ port: 0, endpoints: {}, open() {} }, /^unknown option open/],
    [{ port: 0, endpoints: { chat: {} } }, /endpoint path "chat" must begin with '\/'/],
    [{ port: 0, endpoints: { '/a': { onOpen() {} } } }, /endpoints\["\/a"\]\.onOpen/],
    [{ port: 0, endpoints: {}, maxMessageSize: '1mb' }, /^maxMessageSize must be/],
  ];
  test('RX-07: wrong ones are thrown synchronously', () => {
    for (const [options, message] of wrong) {
      assert.throws(() => void serve(options as ServeOptions), { message });
    }
    assert.throws(() => void serve(undefined as unknown as ServeOptions), TypeError);
  });

  test('those of the server are defaults of its endpoints', async () => {
    const { url } = await serving(
      { '/small': echo, '/large': { ...echo, maxMessageSize: 100 } },
      { maxMessageSize: 4 },
    );
    const small = new WebSocket(`${url}/small`);
    await once(small, 'open');
    small.send('hello');
    assert.equal((await once(small, 'close'))[0], 1009);
    assert.equal(await echoOf(new WebSocket(`${url}/large`)), 'hello');
  });

  test('a connection does not carry what belongs to the server', async () => {
    const { server, url } = await serving({ '/': echo });
    const ws = new WebSocket(url);
    await once(ws, 'open');
    const [connection] = server.connections;
    assert.deepEqual(Object.keys(connection?.request ?? {}).toSorted(), [
      'headers',
      'method',
      'params',
      'path',
      'remoteAddress',
    ]);
    ws.terminate();
  });
});

describe('plain HTTP on the same port', () => {
  test('a request listener of the application answers it', async () => {
    const { port, url } = await serving(
      { '/chat': echo },
      { request: (request, response) => response.end(`page ${request.url}`) },
    );
    for (const path of ['/', '/chat']) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      assert.equal(await response.text(), `page ${path}`);
    }
    assert.equal(await echoOf(new WebSocket(`${url}/chat`)), 'hello');
  });

  test('F087: without one a GET on the path of an endpoint is 426, elsewhere 404', async () => {
    const { port } = await serving({ '/chat': echo });
    assert.equal((await fetch(`http://127.0.0.1:${port}/chat`)).status, 426);
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
  });

  test('h2c is served as plain HTTP', async () => {
    const { connect } = await serving(
      {},
      { request: (_request, response) => response.end('page') },
    );
    const client = await connect();
    assert.equal((await client.request('/', { Upgrade: 'h2c' })).status, 200);
    assert.equal(String(await client.rest()), 'page');
  });
});

describe('closing', () => {
  test('Behaviour 13: handshakes under way get 503, of every kind', async () => {
    const { key, cert } = await testCertificate();
    for (const tls of [undefined, { key, cert }]) {
      let begun: () => void = () => {};
      const began = new Promise<void>((resolve) => (begun = resolve));
      const slow = {
        authorize() {
          begun();
          return new Promise(() => {});
        },
      };
      const { server, port } = await serving({ '/': slow }, tls === undefined ? {} : { tls });
      const connect = () =>
        tls === undefined
          ? RawClient.connect({ port })
          : RawClient.connectTls({ port, ca: cert, host: '127.0.0.1' });
      const silent = await connect();
      const half = await connect();
      half.write(openingRequest().slice(0, 40));
      const asking = await connect();
      asking.write(openingRequest());
      await began;
      const closed = server.close();
      for (const client of [silent, half, asking]) {
        assert.equal((await client.answer()).status, 503);
        client.destroy();
      }
      await closed;
    }
  });

  test('F095: after close the same port can be listened on again', async () => {
    const first = await serving({ '/': echo });
    const ws = new WebSocket(first.url);
    await once(ws, 'open');
    const closing = once(ws, 'close');
    await first.server.close();
    assert.equal((await closing)[0], 1001);
    const again = await serve({ port: first.port, host: '127.0.0.1', endpoints: { '/': echo } });
    assert.equal(await echoOf(new WebSocket(first.url)), 'hello');
    await again[Symbol.asyncDispose]();
  });

  test('it is done once, and everything is gone by the deadline', async () => {
    const { server, connect } = await serving({ '/': echo }, { request: () => {} });
    const upgraded = await connect();
    await upgraded.request();
    const asking = await connect();
    asking.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const silent = await connect();
    const before = performance.now();
    const closed = server.close({ deadline: 150 });
    assert.equal(server.close({ code: 1000 }), closed);
    assert.throws(() => void server.close({ code: 1005 }), RangeError);
    await closed;
    const took = performance.now() - before;
    assert.ok(took >= 150 && took < 5_000, `${took} ms`);
    await Promise.all([upgraded.ended, asking.ended, silent.ended]);
    assert.equal(server.connections.size, 0);
  });

  test('a handshake that a kept connection has begun gets 503', async () => {
    let socket: Socket | undefined;
    const { server, connect } = await serving(
      { '/': echo },
      {
        request(request, response) {
          ({ socket } = request);
          response.end('page');
        },
      },
    );
    const client = await connect();
    const page = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    client.write(page);
    await client.answer();
    await client.bytes(4);
    const upgrade = openingRequest();
    client.write(upgrade.slice(0, 40));
    while (socket?.bytesRead !== page.length + 40) await new Promise(setImmediate);
    const closed = server.close();
    client.write(upgrade.slice(40));
    assert.equal((await client.answer()).status, 503);
    client.destroy();
    await closed;
  });
});
