import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';

import { type WebSocket, WebSocketServer } from 'ws';

import { connect } from '../../src/client/connect.ts';
import type { ConnectOptions } from '../../src/client/options.ts';
import type { Connection } from '../../src/connection/connection.ts';
import { HandshakeError } from '../../src/handshake/errors.ts';
import { type TestCertificate, testCertificate } from '../support/certificate.ts';
import { rawServer, switching } from './raw-server.ts';

/** An echo server of another library on a free port, until the test ends. */
async function echoServer(
  t: TestContext,
  server: Server = createHttpServer(),
  options: object = {},
  path?: string,
): Promise<{ port: number; sockets: WebSocketServer; first: Promise<WebSocket> }> {
  const sockets = new WebSocketServer({ server, ...options });
  const first = new Promise<WebSocket>((resolve) => {
    sockets.on('connection', (socket) => {
      socket.on('message', (data, binary) => socket.send(data, { binary }));
      resolve(socket);
    });
  });
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });
  const address = server.address();
  return {
    port: typeof address === 'object' ? ((address as AddressInfo)?.port ?? 0) : 0,
    sockets,
    first,
  };
}

async function echo(connection: Connection, message: string): Promise<void> {
  connection.send(message);
  assert.equal(await connection.receive({ timeout: 5_000 }), message);
}

async function handshakeError(opening: Promise<unknown>): Promise<HandshakeError> {
  const error: unknown = await opening.then(
    () => assert.fail('the handshake must fail'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof HandshakeError, String(error));
  return error;
}

describe('F105: RFC 6455 §4.1: connecting', () => {
  test('ws: an echo, then a clean end', async (t) => {
    const { port } = await echoServer(t);
    const connection = await connect(`ws://127.0.0.1:${port}/chat/1?a=b`);
    assert.equal(connection.role, 'client');
    assert.equal(connection.subprotocol, undefined);
    assert.equal(connection.extensions, '');
    assert.equal(connection.context, undefined);
    assert.deepEqual(connection.params, {});
    assert.equal(connection.remoteAddress, '127.0.0.1');
    await echo(connection, 'hello');
    const info = await connection.close(1000, 'bye');
    assert.equal(info.code, 1000);
    assert.equal(info.wasClean, true);
  });

  test('the request is told as it was sent, without credentials in its URL', async (t) => {
    const { port } = await echoServer(t);
    const url = `http://user:pass@127.0.0.1:${port}/chat/1?a=b?c`;
    const connection = await connect(url, { origin: 'http://a', headers: { 'X-A': 'b' } });
    const { request } = connection;
    assert.equal(request.method, 'GET');
    assert.equal(request.url.href, `http://127.0.0.1:${port}/chat/1?a=b?c`);
    assert.equal(request.path, '/chat/1');
    assert.equal(request.query.get('a'), 'b?c');
    assert.equal(request.headers.get('x-a'), 'b');
    assert.equal(request.origin, 'http://a');
    assert.ok(Object.isFrozen(request));
    const { request: plain } = await connect(`ws://127.0.0.1:${port}`);
    assert.equal('origin' in plain, false);
    assert.equal(plain.path, '/');
  });

  test('F019: a frame glued to the answer is delivered', async (t) => {
    const server = await rawServer(t, (socket, accept) =>
      socket.write(Buffer.from(`${switching(accept)}\x81\x05Hello`, 'latin1')),
    );
    const connection = await connect(`ws://127.0.0.1:${server.port}/`);
    assert.equal(await connection.receive({ timeout: 5_000 }), 'Hello');
    connection.terminate();
  });

  test('MS-07: a server that masks is told 1002', async (t) => {
    const frame = '\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58';
    const server = await rawServer(t, (socket, accept) =>
      socket.write(Buffer.from(switching(accept) + frame, 'latin1')),
    );
    const connection = await connect(`ws://127.0.0.1:${server.port}/`);
    assert.equal((await connection.closed).code, 1002);
  });

  test('F117: RFC 6455 §5.3: masking keys of the caller, be they zero', async (t) => {
    const text = new Promise<string>((resolve) => {
      void rawServer(t, (socket, accept) => {
        const received: Buffer[] = [];
        socket.on('data', (chunk) => {
          received.push(chunk);
          if (Buffer.concat(received).length === 22)
            resolve(Buffer.concat(received).toString('hex'));
        });
        socket.write(switching(accept));
      }).then(async ({ port }) => {
        const keys = [0x37fa213d, 0];
        const connection = await connect(`ws://127.0.0.1:${port}/`, {
          maskingKey: () => keys.shift() ?? 0,
        });
        connection.send('Hello');
        connection.send('Hello');
      });
    });
    assert.equal(await text, '818537fa213d7f9f4d515881850000000048656c6c6f');
  });

  test('keepAlive reaches the socket', async (t) => {
    const { port } = await echoServer(t);
    const set = t.mock.method(Socket.prototype, 'setKeepAlive');
    const connection = await connect(`ws://127.0.0.1:${port}/`, { keepAlive: 1_234 });
    assert.deepEqual(
      set.mock.calls.map((call) => call.arguments),
      [[true, 1_234]],
    );
    connection.terminate();
  });
});

describe('F106: F109: when', () => {
  test('connect returns at once; open runs after the answer and before the promise resolves', async (t) => {
    const events: string[] = [];
    let release = (): void => {};
    const server = await rawServer(t, (socket, accept) => {
      events.push('request');
      release = () => socket.write(switching(accept));
      setImmediate(() => {
        events.push('answer');
        release();
      });
    });
    const handler = { open: () => events.push('open') };
    const opening = connect(`ws://127.0.0.1:${server.port}/`, { handler });
    events.push('returned');
    const connection = await opening;
    events.push('resolved');
    assert.deepEqual(events, ['returned', 'request', 'answer', 'open', 'resolved']);
    connection.terminate();
  });

  test('a handshake that fails never calls open', async (t) => {
    let opened = false;
    const server = await rawServer(t, (socket) => socket.end('HTTP/1.1 404 x\r\n\r\n'));
    const handler = { open: () => (opened = true) };
    const error = await handshakeError(connect(`ws://127.0.0.1:${server.port}/`, { handler }));
    assert.equal(error.statusCode, 404);
    assert.equal(opened, false);
  });

  test('messages go to the handler', async (t) => {
    const { port } = await echoServer(t);
    const got = new Promise((resolve) => {
      void connect(`ws://127.0.0.1:${port}/`, {
        handler: {
          open: (connection) => connection.send('hello'),
          message: (connection, message) => {
            resolve(message);
            connection.terminate();
          },
        },
      });
    });
    assert.equal(await got, 'hello');
  });
});

describe('F111: C-60: what the server sees', () => {
  test('headers of the caller, Host among them, and no Origin unless asked', async (t) => {
    const server = await rawServer(t, (socket, accept) => socket.write(switching(accept)));
    const url = `ws://127.0.0.1:${server.port}/a%20b?c`;
    const headers = { 'X-Custom-Header': 'A custom header', Host: 'example.com', Cookie: 'a=b' };
    const connection = await connect(url, { headers });
    const request = server.requests[0] ?? '';
    assert.match(request, /^GET \/a%20b\?c HTTP\/1\.1\r\n/);
    assert.match(request, /\r\nX-Custom-Header: A custom header\r\n/);
    assert.equal(request.match(/^host: /gim)?.length, 1);
    assert.match(request, /\r\nHost: example\.com\r\n/);
    assert.doesNotMatch(request, /\r\nOrigin:/i);
    connection.terminate();
    const second = await connect(url, { origin: 'http://example.com' });
    assert.match(server.requests[1] ?? '', /\r\nOrigin: http:\/\/example\.com\r\n/);
    second.terminate();
  });

  test('credentials of the URL as Basic Authorization', async (t) => {
    const server = await rawServer(t, (socket, accept) => socket.write(switching(accept)));
    const connection = await connect(`ws://user:pass@127.0.0.1:${server.port}/`);
    assert.match(server.requests[0] ?? '', /\r\nAuthorization: Basic dXNlcjpwYXNz\r\n/);
    connection.terminate();
  });

  test('F112: wrong arguments are thrown at once, and nothing is sent', () => {
    const wrong: [string, ConnectOptions][] = [
      ['ws://a/\r\nX: y', {}],
      ['ftp://a/', {}],
      ['ws://a/#b', {}],
      ['ws://a/', { origin: 'a\r\nb' }],
      ['ws://a/', { headers: { 'X-A': 'b\r\nC: d' } }],
      ['ws://a/', { headers: { 'Sec-WebSocket-Key': 'x' } }],
      ['ws://a/', { subprotocols: ['a b'] }],
      ['ws://user:pass@a/', { headers: { authorization: 'Bearer x' } }],
      ['ws://a/', { connectTimeout: 0 }],
      ['ws://a/', { unknown: 1 } as ConnectOptions],
    ];
    for (const [url, options] of wrong) {
      assert.throws(() => void connect(url, options), /^(?:Type|Range)Error/, url);
    }
  });
});

describe('F118: subprotocols and extensions', () => {
  test('the server chooses of those offered', async (t) => {
    const handleProtocols = (): string => 'b';
    const { port } = await echoServer(t, createHttpServer(), { handleProtocols });
    const connection = await connect(`ws://127.0.0.1:${port}/`, { subprotocols: ['a', 'b'] });
    assert.equal(connection.subprotocol, 'b');
    connection.terminate();
  });

  test('MS-05: F119: F120: none, or one that was not offered', async (t) => {
    const { port } = await echoServer(t, createHttpServer(), { handleProtocols: () => false });
    const url = `ws://127.0.0.1:${port}/`;
    const none = await handshakeError(connect(url, { subprotocols: 'a' }));
    assert.equal(none.refusal, 'SUBPROTOCOL_MISSING');
    assert.equal(none.code, 'ERR_SUBPROTOCOL');
    const lax = await connect(url, { subprotocols: 'a', requireSubprotocol: false });
    assert.equal(lax.subprotocol, undefined);
    lax.terminate();
    const server = await rawServer(t, (socket, accept) =>
      socket.write(switching(accept, 'Sec-WebSocket-Protocol: c')),
    );
    const other = await handshakeError(
      connect(`ws://127.0.0.1:${server.port}/`, { subprotocols: 'a', requireSubprotocol: false }),
    );
    assert.equal(other.refusal, 'SUBPROTOCOL_UNOFFERED');
  });

  test('F123: RFC 7692: deflate when asked for', async (t) => {
    const { port } = await echoServer(t, createHttpServer(), { perMessageDeflate: true });
    const connection = await connect(`ws://127.0.0.1:${port}/`, { compression: true });
    assert.match(connection.extensions, /^permessage-deflate; /);
    await echo(connection, 'hello '.repeat(1_000));
    connection.terminate();
  });
});

describe('F102: unix sockets', () => {
  test('by the URL and by the option', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'hawser-'));
    t.after(() => rm(folder, { recursive: true }));
    const path = join(folder, 'a b.sock');
    await echoServer(t, createHttpServer(), {}, path);
    const byUrl = await connect(`ws+unix:${encodeURI(path)}:/chat?a=b`);
    assert.equal(byUrl.request.path, '/chat');
    assert.equal(byUrl.request.headers.get('host'), 'localhost');
    await echo(byUrl, 'hello');
    byUrl.terminate();
    const byOption = await connect('ws://example.com/chat', { socketPath: path });
    assert.equal(byOption.request.headers.get('host'), 'example.com');
    await echo(byOption, 'hello');
    byOption.terminate();
  });
});

describe('C-80: F141: TLS', () => {
  let certificate: TestCertificate;
  before(async () => {
    certificate = await testCertificate({ clientCertificate: 'alice' });
  });

  const secure = (t: TestContext, options: object = {}) => {
    const { key, cert } = certificate;
    return echoServer(t, createHttpsServer({ key, cert, ALPNProtocols: ['http/1.1'], ...options }));
  };

  test('TL-01: a self-signed certificate fails by default', async (t) => {
    const { port } = await secure(t);
    const error = await handshakeError(connect(`wss://127.0.0.1:${port}/`));
    assert.equal(error.refusal, 'UNREACHABLE');
    assert.equal((error.cause as NodeJS.ErrnoException).code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  test('it passes unverified, and with its authority given', async (t) => {
    const { port } = await secure(t);
    for (const tls of [{ rejectUnauthorized: false }, { ca: certificate.cert }]) {
      const connection = await connect(`wss://127.0.0.1:${port}/`, { tls });
      await echo(connection, 'hello');
      await connection.close();
    }
  });

  test('TL-01: a wrong name fails, the right one passes', async (t) => {
    const { port } = await secure(t);
    const tls = { ca: certificate.cert };
    const wrong = connect(`wss://127.0.0.1:${port}/`, { tls: { ...tls, servername: 'b.example' } });
    const error = await handshakeError(wrong);
    assert.equal((error.cause as NodeJS.ErrnoException).code, 'ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('RFC 6066 §3, RFC 7301: the name and http/1.1 are asked for', async (t) => {
    const { port, sockets } = await secure(t);
    const seen = new Promise<[unknown, unknown]>((resolve) => {
      sockets.on('connection', (_, { socket }) => {
        const { servername, alpnProtocol } = socket as TLSSocket;
        resolve([servername, alpnProtocol]);
      });
    });
    const lookup = (
      _host: string,
      _options: unknown,
      done: (error: null, found: { address: string; family: number }[]) => void,
    ): void => done(null, [{ address: '127.0.0.1', family: 4 }]);
    const tls = { ca: certificate.cert, lookup: lookup as never };
    const connection = await connect(`wss://localhost:${port}/`, { tls });
    assert.deepEqual(await seen, ['localhost', 'http/1.1']);
    connection.terminate();
  });

  test('a server that wants a certificate takes only the named one', async (t) => {
    const { port } = await secure(t, {
      ca: certificate.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const url = `wss://127.0.0.1:${port}/`;
    const without = await handshakeError(connect(url, { tls: { ca: certificate.cert } }));
    assert.equal(without.code, 'ERR_NO_HANDSHAKE');
    const tls = { ca: certificate.cert, ...certificate.client };
    const connection = await connect(url, { tls });
    await echo(connection, 'hello');
    connection.terminate();
  });
});
