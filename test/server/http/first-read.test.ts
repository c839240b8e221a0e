import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { headLimits } from '../../../src/handshake/http-head.ts';
import type { Arrival } from '../../../src/server/host.ts';
import { type FirstRequest, readFirst } from '../../../src/server/http/first-read.ts';
import { tcpPair } from '../../support/socket-pair.ts';
import { maskedHello, openingRequest, RawClient } from '../raw-client.ts';
import { serving } from '../serving.ts';
import { start } from './starting.ts';

const target = '/chat?a=b';

/** What becomes of bytes that arrive in one piece. */
async function firstOf(...bytes: readonly (string | Uint8Array)[]) {
  const { server, client } = await tcpPair();
  const opening = await new Promise<FirstRequest | undefined>((resolve) => {
    const others = createServer().removeAllListeners('connection');
    others.on('connection', () => resolve(undefined));
    readFirst(server, { limits: headLimits, others, onOpening: resolve });
    new RawClient(client).write(...bytes);
  });
  client.destroy();
  server.destroy();
  return opening;
}

test('an opening request is read here, with the bytes behind its head', async () => {
  const first = await firstOf(openingRequest(target), maskedHello);
  assert.ok(first !== undefined);
  const { request, behind } = first;
  assert.equal(request.start.target, target);
  assert.equal(request.headers.get('UPGRADE'), 'websocket');
  assert.equal(request.malformed, false);
  assert.deepEqual(Buffer.from(behind), maskedHello);
});

test('what comes later waits for whoever reads next, as long as an application decides', async () => {
  const { server, client } = await tcpPair();
  const peer = new RawClient(client);
  const opening = new Promise<FirstRequest>((resolve) => {
    readFirst(server, { limits: headLimits, others: createServer(), onOpening: resolve });
  });
  peer.write(openingRequest(), maskedHello.subarray(0, 3));
  assert.equal((await opening).behind.length, 3);
  const read = server.bytesRead;
  peer.write(maskedHello.subarray(3));
  while (server.bytesRead === read) await turn();
  assert.deepEqual(server.read(), maskedHello.subarray(3));
  client.destroy();
  server.destroy();
});

test('everything else is left to the parser of Node, from its first byte on', async () => {
  const others: Readonly<Record<string, string>> = {
    'a plain request': 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'another method': openingRequest('/', {}, 'POST / HTTP/1.1'),
    'another version': openingRequest('/', {}, 'GET / HTTP/1.0'),
    'a target with other bytes': openingRequest('/', {}, 'GET /\xe9 HTTP/1.1'),
    'a body': openingRequest('/', { 'Content-Length': '0' }),
    'a body in chunks': openingRequest('/', { 'Transfer-Encoding': 'chunked' }),
    'another protocol': openingRequest('/', { Upgrade: 'h2c' }),
    'no Upgrade': openingRequest('/', { Upgrade: undefined }),
    'an Upgrade that Connection does not name': openingRequest('/', { Connection: 'close' }),
    'a part of a head': 'GET / HTTP/1.1\r\nHost: a\r\n',
    'a folded line': openingRequest('/', { 'X-A': 'a\r\n b' }),
    'a bare line feed': openingRequest('/', { 'X-A': 'a\nb' }),
    'white space before a colon': openingRequest('/', { 'X-A ': 'a' }),
    'too many lines': openingRequest('/', Object.fromEntries(lines(101))),
    'too many bytes': openingRequest('/', { 'X-A': 'a'.repeat(16_384) }),
    'no HTTP': '\x16\x03\x01\x00\xa5\x01',
  };
  for (const [name, bytes] of Object.entries(others)) {
    assert.equal(await firstOf(bytes), undefined, name);
  }
});

function lines(count: number): [string, string][] {
  return Array.from({ length: count }, (_, index) => [`X-${index}`, 'a']);
}

test('RFC 7230 §3: a head arrives as the same, wherever it is cut', async () => {
  const seen: string[] = [];
  const { port } = await start({
    onUpgrade({ request: { start, headers }, socket, behind }: Arrival) {
      const { method, httpVersion } = start;
      const line = [method, start.target, httpVersion];
      seen.push(JSON.stringify([line, [...headers], Buffer.from(behind).toString('hex')]));
      socket.destroy();
    },
  });
  const cookie = { Cookie: 'a=1', 'X-Gaps': ' \t a b ' };
  const bytes = Buffer.from(openingRequest(target, cookie));
  for (let cut = 0; cut < bytes.length; cut += 3) {
    const client = await RawClient.connect({ port });
    if (cut > 0) client.write(bytes.subarray(0, cut));
    await turn();
    client.write(bytes.subarray(cut), maskedHello);
    await client.ended;
    client.destroy();
  }
  assert.equal(new Set(seen).size, 1, seen.join('\n'));
});

/** What was written before is read before what is written after. */
async function turn(): Promise<void> {
  for (let count = 0; count < 3; count++) await new Promise(setImmediate);
}

test('the answer to a request does not depend on whose parser read it', async () => {
  const server = await serving({ '/': { message() {} }, '/limited': { headLimits: { lines: 9 } } });
  const requests = [
    openingRequest(),
    openingRequest('/nowhere'),
    openingRequest('/%zz'),
    openingRequest('/#fragment'),
    openingRequest('*'),
    openingRequest('nowhere'),
    openingRequest('http://localhost/'),
    openingRequest('/limited', Object.fromEntries(lines(9))),
    openingRequest('/', { Host: undefined }),
    openingRequest('/', { Host: 'a b' }),
    openingRequest('/', { Host: 'a%zz' }),
    openingRequest('/', { 'X-A': 'a'.repeat(8_188) }),
    openingRequest('/', { Connection: 'keep-alive, Upgrade' }),
    openingRequest('/', { Upgrade: 'websocket, h2c' }),
    openingRequest('/', { Upgrade: 'WebSocket' }),
    openingRequest('/', { 'Sec-WebSocket-Version': '12' }),
    openingRequest('/', { 'Sec-WebSocket-Key': 'short' }),
    openingRequest('/', { 'Sec-WebSocket-Protocol': 'a,,b c' }),
    openingRequest('/', { Expect: '100-continue' }),
    openingRequest('/', { Origin: 'http://evil.example' }),
    openingRequest('/', { 'X-A': '\x01' }),
  ];
  for (const request of requests) {
    const whole = await answerTo(server, [request]);
    assert.equal(await answerTo(server, [request.slice(0, 1), request.slice(1)]), whole, request);
  }
});

async function answerTo({ port }: { port: number }, parts: readonly string[]): Promise<string> {
  const client = await RawClient.connect({ port });
  for (const part of parts) {
    client.write(Buffer.from(part, 'latin1'));
    await turn();
  }
  const { status, headers } = await client.answer();
  const head = JSON.stringify([status, [...headers]]);
  const body = status === 101 ? '' : String(await client.rest());
  client.destroy();
  return head + body;
}

test('a client that hangs up without a word is let go', async () => {
  const { server, client } = await tcpPair();
  readFirst(server, { limits: headLimits, others: createServer(), onOpening() {} });
  const peer = new RawClient(client);
  client.end();
  await peer.ended;
  client.destroy();
});

test('TL-05: an error before the first byte ends the client and nothing else', async () => {
  const { server, client } = await tcpPair();
  readFirst(server, { limits: headLimits, others: createServer(), onOpening() {} });
  server.emit('error', new Error('too many new keys'));
  assert.ok(server.destroyed);
  client.destroy();
});
