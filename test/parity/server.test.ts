import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HandshakeError } from '../../src/handshake/errors.ts';
import type { Endpoint } from '../../src/server/options/endpoint.ts';
import { judgeUpgrade } from '../../src/server/upgrade.ts';
import {
  type Lines,
  maskedHello,
  openingRequest,
  sampleAccept,
  unmaskedHello,
} from '../server/raw-client.ts';
import { answerTo, arrive, serving } from '../server/serving.ts';

const echo: Endpoint = {
  message(connection, message) {
    connection.send(message);
  },
};

test('F080: the 101 has Upgrade, Connection and the Sec-WebSocket-Accept of the key', async () => {
  const { status, headers } = await answerTo(await serving({ '/': echo }), '/');
  assert.equal(status, 101);
  assert.equal(headers.get('upgrade'), 'websocket');
  assert.equal(headers.get('connection'), 'Upgrade');
  assert.equal(headers.get('sec-websocket-accept'), sampleAccept);
  assert.equal(headers.size, 3);
});

test('F081: Connection is a list of tokens, in any case', async () => {
  const server = await serving({ '/': echo });
  for (const Connection of ['keep-alive, Upgrade', 'upgrade', 'UPGRADE,keep-alive']) {
    assert.equal((await answerTo(server, '/', { Connection })).status, 101, Connection);
  }
  const twice = { Connection: ['keep-alive', 'Upgrade'] };
  assert.equal((await answerTo(server, '/', twice)).status, 101);
  assert.equal((await answerTo(server, '/', { Connection: 'xxxxxxx' })).status, 400);
});

test('F082, HS-07: Upgrade is websocket in any case, and alone', async () => {
  const server = await serving({ '/': echo });
  for (const Upgrade of ['websocket', 'WebSocket', 'WEBSOCKET']) {
    assert.equal((await answerTo(server, '/', { Upgrade })).status, 101, Upgrade);
  }
  for (const Upgrade of ['websocket,ftp', 'websocket, h2c', 'h2c', 'wabsocket']) {
    assert.equal((await answerTo(server, '/', { Upgrade })).status, 400, Upgrade);
  }
  assert.equal((await answerTo(server, '/', { Upgrade: ['websocket', 'websocket'] })).status, 400);
});

test('F083, C-40, HS-04: anything but exactly 13 is answered with 426 and the version', async () => {
  const server = await serving({ '/': echo });
  const versions = [
    undefined,
    '8',
    '0xd',
    '13.0',
    '1.3e1',
    '+13',
    '13 13',
    '4, 5, 6, 7, 8, 13',
    '',
  ];
  for (const version of versions) {
    const answer = await answerTo(server, '/', { 'Sec-WebSocket-Version': version });
    assert.equal(answer.status, 426, version);
    assert.equal(answer.headers.get('sec-websocket-version'), '13');
  }
  const padded = { 'Sec-WebSocket-Version': '  13 ' };
  assert.equal((await answerTo(server, '/', padded)).status, 101);
});

test('F084, C-73, HS-06: without a key of 16 bytes there is 400 and ERR_NO_KEY', async () => {
  const server = await serving({ '/': echo });
  const bytes = (count: number) => Buffer.alloc(count, 7).toString('base64');
  const keys = [undefined, '', bytes(15), bytes(17), 'dGhlIHNhbXBsZSBub25jZ!==', 'AVDFBDDFF'];
  for (const key of keys) {
    const { status } = await answerTo(server, '/', { 'Sec-WebSocket-Key': key });
    assert.equal(status, 400, key);
  }
  const twice = { 'Sec-WebSocket-Key': [bytes(16), bytes(16)] };
  assert.equal((await answerTo(server, '/', twice)).status, 400);
  const { client, request } = await arrive({ 'Sec-WebSocket-Key': undefined });
  const decision = await judgeUpgrade(request, echo);
  assert.ok(!decision.accepted);
  assert.equal(new HandshakeError(decision.refusal).code, 'ERR_NO_KEY');
  client.destroy();
});

test('F085, C-38, HS-01, HS-11: method, HTTP version and Host', async () => {
  const server = await serving({ '/': echo });
  const cases: readonly (readonly [number, string, Lines])[] = [
    [405, 'POST / HTTP/1.1', {}],
    [405, 'HEAD / HTTP/1.1', {}],
    [400, 'XXX / HTTP/1.1', {}],
    [400, 'GET / HTTP/1.0', {}],
    [400, 'GET / HTTP/a.1', {}],
    [400, 'GET / HTTP/1.1', { Host: undefined }],
    [400, 'GET / HTTP/1.1', { Host: ['a', 'a'] }],
    [400, 'GET / HTTP/1.1', { Host: 'user:password@a' }],
    [400, 'GET / HTTP/1.1', { Expect: '100-continue' }],
  ];
  for (const [status, start, lines] of cases) {
    const answer = await answerTo(server, '/', lines, start);
    assert.equal(answer.status, status, start + JSON.stringify(lines));
  }
  assert.equal((await answerTo(server, '/', {}, 'POST / HTTP/1.1')).headers.get('allow'), 'GET');
});

test('HS-09: what looks like a body is refused and never read as frames', async () => {
  let messages = 0;
  const server = await serving({ '/': { message: () => void messages++ } });
  for (const lines of [{ 'Content-Length': '11' }, { 'Transfer-Encoding': 'chunked' }]) {
    const client = await server.connect();
    client.write(openingRequest('/', lines), maskedHello);
    assert.equal((await client.answer()).status, 400);
    await client.rest();
  }
  assert.equal(messages, 0);
});

test('F086, HS-15: a line of 8,192 bytes and 100 lines pass, one more of either fails', async () => {
  const server = await serving({ '/': echo });
  const line = (length: number) => ({ 'X-Long': 'a'.repeat(length - 'X-Long: '.length) });
  assert.equal((await answerTo(server, '/', line(8_192))).status, 101);
  assert.equal((await answerTo(server, '/', line(8_193))).status, 431);
  const lines = (count: number) => ({ 'X-Many': Array.from({ length: count - 5 }, () => '1') });
  assert.equal((await answerTo(server, '/', lines(100))).status, 101);
  assert.equal((await answerTo(server, '/', lines(101))).status, 431);
  assert.equal((await answerTo(server, `/?${'a'.repeat(8_190)}`)).status, 101);
  assert.equal((await answerTo(server, `/?${'a'.repeat(8_191)}`)).status, 414);
});

test('HS-13: 16 KiB of head in many lines pass, one more fails', async () => {
  const server = await serving({ '/': echo });
  const bare = openingRequest('/').length;
  const head = (size: number) => {
    const lines = Array.from({ length: 90 }, () => 'a'.repeat(170));
    const missing = size - bare - lines.reduce((sum, line) => sum + line.length + 7, 0);
    return { 'X-A': [...lines.slice(1), 'a'.repeat(170 + missing)] };
  };
  assert.equal((await answerTo(server, '/', head(16_384))).status, 101);
  assert.equal((await answerTo(server, '/', head(16_385))).status, 431);
});

test('F088, C-41, HS-21: a foreign origin is 403, no connection comes of it', async (t) => {
  t.mock.method(process.stderr, 'write', () => true);
  let opened = 0;
  const open = () => void opened++;
  const server = await serving({ '/same': { open }, '/listed': { open, origins: [/evil/] } });
  const Origin = 'http://evil.example';
  const refused = await answerTo(server, '/same', { Origin });
  assert.equal(refused.status, 403);
  assert.match(refused.body, /evil\.example.*localhost.*origins/);
  assert.equal((await answerTo(server, '/same', { Origin: 'null' })).status, 403);
  assert.equal(opened, 0);
  assert.equal((await answerTo(server, '/listed', { Origin })).status, 101);
  assert.equal((await answerTo(server, '/same', { Origin: 'https://localhost:443' })).status, 101);
  assert.equal((await answerTo(server, '/same')).status, 101);
});

test('F093, HS-23: a silent client is gone at the deadline, a good one stays', async () => {
  const { connect } = await serving({ '/': echo }, { handshakeTimeout: 200 });
  const good = await connect();
  assert.equal((await good.request()).status, 101);
  const silent = await connect();
  const before = performance.now();
  await silent.rest();
  const took = performance.now() - before;
  assert.ok(took >= 190 && took < 5_000, `${took} ms`);
  good.write(maskedHello);
  assert.deepEqual(await good.bytes(7), unmaskedHello);
});

test('HS-17, HS-19: lists that are odd or endless cost nothing and offer nothing', async () => {
  const server = await serving({ '/': { compression: true } });
  const names = Array.from({ length: 3_000 }, (_, index) => `n${index}`).join();
  const odd = [`b${' '.repeat(7_000)}x`, names, 'a b', 'a,,a', '"a"'];
  for (const name of odd) {
    const { status } = await answerTo(server, '/', { 'Sec-WebSocket-Protocol': name });
    assert.ok(status === 400 || status === 431, `${status} for ${name.slice(0, 20)}`);
  }
  const before = Object.getOwnPropertyNames(Object.prototype);
  const offer = { 'Sec-WebSocket-Extensions': 'constructor; __proto__=1, toString' };
  const { status, headers } = await answerTo(server, '/', offer);
  assert.deepEqual([status, headers.get('sec-websocket-extensions')], [101, undefined]);
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before);
});
