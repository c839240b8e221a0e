import assert from 'node:assert/strict';
import { createServer, type Server as HttpServer } from 'node:http';
import { test } from 'node:test';

import { attach } from '../../src/server/attach.ts';
import type { Endpoint } from '../../src/server/options/endpoint.ts';
import { maskedHello, RawClient, unmaskedHello } from './raw-client.ts';
import { listening } from './serving.ts';

const echo: Endpoint = {
  message(connection, message) {
    connection.send(message);
  },
};

/** The status that an upgrade request on a path gets. */
async function statusOf(port: number, path: string, lines = {}): Promise<number> {
  const client = await RawClient.connect({ port });
  const { status } = await client.request(path, lines);
  client.destroy();
  return status;
}

function pages(): HttpServer {
  return createServer((request, response) => response.end(`page ${request.url}`));
}

test('several calls on one server share one upgrade listener and one router', async () => {
  const server = pages();
  const port = await listening(server);
  const one = attach(server, { '/one': echo });
  const two = attach(server, { '/two/:name': echo, '/two/fixed': echo });
  assert.equal(server.listenerCount('upgrade'), 1);
  assert.throws(() => attach(server, { '/three': echo, '/one': echo }), {
    name: 'TypeError',
    message: /"\/one"/,
  });
  for (const path of ['/one', '/two/x', '/two/fixed'])
    assert.equal(await statusOf(port, path), 101);
  for (const path of ['/three', '/']) assert.equal(await statusOf(port, path), 404);
  assert.equal(await statusOf(port, '/two/%zz'), 400);
  await Promise.all([one.close(), two.close()]);
});

test('connections belong to the attachment they came by', async () => {
  const server = pages();
  const port = await listening(server);
  const one = attach(server, { '/one': echo });
  const two = attach(server, { '/two': echo });
  const client = await RawClient.connect({ port });
  await client.request('/one');
  assert.deepEqual([one.connections.size, two.connections.size], [1, 0]);
  const closed = one.close();
  assert.deepEqual(await client.bytes(4), Buffer.from('880203e9', 'hex'));
  client.destroy();
  await closed;
  assert.equal(one.connections.size, 0);
  assert.equal(await statusOf(port, '/one'), 404);
  assert.equal(await statusOf(port, '/two'), 101);
  await two.close();
});

test('detach takes the paths away and leaves the connections', async () => {
  const server = pages();
  const port = await listening(server);
  const attached = attach(server, { '/one': echo });
  const client = await RawClient.connect({ port });
  await client.request('/one');
  attached.detach();
  attached.detach();
  assert.equal(server.listenerCount('upgrade'), 0);
  client.write(maskedHello);
  assert.deepEqual(await client.bytes(7), unmaskedHello);
  const again = attach(server, { '/one': echo });
  assert.equal(await statusOf(port, '/one'), 101);
  client.destroy();
  await Promise.all([attached.close(), again.close()]);
});

test('beside another upgrade listener foreign paths are left alone', async () => {
  const server = pages();
  const port = await listening(server);
  server.on('upgrade', (request, socket) => {
    if (request.url === '/theirs') socket.end('HTTP/1.1 418 Theirs\r\n\r\n');
  });
  const attached = attach(server, { '/ours': echo });
  assert.equal(await statusOf(port, '/ours'), 101);
  assert.equal(await statusOf(port, '/theirs'), 418);
  assert.equal(await statusOf(port, '/theirs', { Upgrade: 'h2c' }), 418);
  await attached.close();
});

test('unmatched decides what becomes of foreign paths', async () => {
  const server = pages();
  const port = await listening(server);
  let seen = 0;
  server.on('upgrade', (_request, socket) => {
    seen++;
    if (seen === 2) socket.end('HTTP/1.1 418 Theirs\r\n\r\n');
  });
  const refusing = attach(server, { '/ours': echo }, { unmatched: 'refuse' });
  assert.equal(await statusOf(port, '/other'), 404);
  const ignoring = attach(server, { '/more': echo }, { unmatched: 'ignore' });
  assert.equal(await statusOf(port, '/other'), 418);
  await Promise.all([refusing.close(), ignoring.close()]);
  assert.throws(() => attach(server, {}, { unmatched: 'drop' as 'ignore' }), {
    name: 'RangeError',
    message: /^unmatched must be one of "refuse", "ignore"/,
  });
});

test('RFC 7230 §6.7: what asks for another protocol goes to the request listeners', async () => {
  const server = pages();
  const port = await listening(server);
  const attached = attach(server, { '/ours': echo });
  for (const path of ['/ours', '/page']) {
    const client = await RawClient.connect({ port });
    assert.equal((await client.request(path, { Upgrade: 'h2c' })).status, 200);
    assert.equal(String(await client.rest()), `page ${path}`);
    client.destroy();
  }
  await attached.close();
});

test('options of the call are defaults of its endpoints', async () => {
  const server = pages();
  const port = await listening(server);
  const endpoints = { '/all': echo, '/one': { ...echo, subprotocols: ['b'] } };
  const attached = attach(server, endpoints, { subprotocols: ['a'], authorize: () => true });
  const subprotocolOn = async (path: string) => {
    const client = await RawClient.connect({ port });
    const { headers } = await client.request(path, { 'Sec-WebSocket-Protocol': 'a, b' });
    client.destroy();
    return headers.get('sec-websocket-protocol');
  };
  assert.equal(await subprotocolOn('/all'), 'a');
  assert.equal(await subprotocolOn('/one'), 'b');
  await attached.close();
});

test('Behaviour 13: close refuses handshakes under way with 503 and leaves the server open', async () => {
  const server = pages();
  const port = await listening(server);
  let begun: (signal: AbortSignal) => void = () => {};
  const began = new Promise<AbortSignal>((resolve) => (begun = resolve));
  const attached = attach(server, {
    '/slow': {
      authorize({ signal }) {
        begun(signal);
        return new Promise(() => {});
      },
    },
  });
  const client = await RawClient.connect({ port });
  const answer = client.request('/slow');
  const signal = await began;
  const closed = attached.close();
  assert.equal(attached.close(), closed);
  assert.equal((await answer).status, 503);
  assert.ok(signal.aborted);
  await closed;
  assert.ok(server.listening);
  client.destroy();
});

test('Behaviour 1: lines that another listener made no text end their request alone', async () => {
  const server = createServer();
  server.prependListener('upgrade', ({ url, rawHeaders }) => {
    if (url === '/changed') rawHeaders.push(...([42, null] as unknown as string[]));
  });
  const port = await listening(server);
  const errors: string[] = [];
  const error: Endpoint['error'] = (_connection, thrown) => errors.push(String(thrown));
  const attachment = attach(server, { '/:any': { ...echo, error } }, { unmatched: 'refuse' });
  for (const path of ['/changed', '/same']) {
    assert.equal(await statusOf(port, path), path === '/same' ? 101 : 500);
  }
  assert.deepEqual(errors, ['TypeError: request.rawHeaders must hold strings only']);
  await attachment.close();
});

test('lines that a listener made no text are not read again as a plain request', async () => {
  const server = createServer((_request, response) => response.end());
  const port = await listening(server);
  const attachment = attach(server, { '/': echo });
  server.prependOnceListener('upgrade', ({ rawHeaders }) =>
    rawHeaders.push('X', Symbol('x') as unknown as string),
  );
  assert.equal(await statusOf(port, '/', { Upgrade: 'h2c' }), 500);
  assert.equal(await statusOf(port, '/', { Upgrade: 'h2c' }), 200);
  await attachment.close();
});

test('what is no HTTP server is a TypeError', () => {
  for (const server of [undefined, {}, 8080]) {
    assert.throws(() => attach(server as HttpServer, {}), {
      name: 'TypeError',
      message: /^server must be a node:http or node:https server/,
    });
  }
});

test('RX-03: a client that cannot be accepted ends nothing, an address in use is still an error', () => {
  const server = createServer();
  const attached = attach(server, { '/': {} });
  const full = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE', syscall: 'accept' });
  server.emit('error', full);
  const taken = Object.assign(new Error('listen EADDRINUSE'), { syscall: 'listen' });
  assert.throws(() => server.emit('error', taken), { message: 'listen EADDRINUSE' });
  const seen: unknown[] = [];
  server.on('error', (error) => seen.push(error));
  server.emit('error', taken);
  assert.deepEqual(seen, [taken]);
  attached.detach();
  assert.equal(server.listenerCount('error'), 1);
});
