import assert from 'node:assert/strict';

import {
  type Lines,
  openingRequest,
  sampleAccept,
  sampleKey,
} from '../../support/opening-request.ts';
import { leastCpu } from '../harness/cost.ts';
import { op } from '../harness/frames.ts';
import { against, type Input, input, row } from '../harness/row.ts';
import { isRefused } from '../harness/verdict.ts';
import { memory } from '../harness/vitals.ts';

const overBoth = ['plain', 'tls'] as const;

/** A request that is refused with one of these statuses. */
function refused(name: string, statuses: readonly number[], lines: Lines, start?: string): Input {
  return input(name, async (arena) => {
    const attacker = await arena.attacker();
    attacker.write(openingRequest(lines, start));
    const headers = await isRefused(arena, attacker, ...statuses);
    if (statuses.includes(426)) assert.equal(headers.get('sec-websocket-version'), '13');
    arena.notes.push(String(statuses[0]));
  });
}

/** A request that is accepted, without an extension. */
function accepted(name: string, lines: Lines, text = openingRequest(lines)): Input {
  return input(name, async (arena) => {
    const attacker = await arena.attacker();
    attacker.write(text);
    const { status, headers } = await attacker.answer();
    assert.equal(status, 101);
    assert.equal(headers.get('sec-websocket-accept'), sampleAccept);
    assert.equal(headers.has('sec-websocket-extensions'), false);
  });
}

const keyOf = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64');
const base = 5;

/** So many further lines that the request has this many in all. */
function linesInAll(count: number): Lines {
  const names = Array.from({ length: count - base }, (_, index) => [`X-${index}`, 'a'] as const);
  return Object.fromEntries(names);
}

/** A head of so many bytes, spread over 90 lines. */
function headOf(size: number): Lines {
  const lines = linesInAll(90);
  const names = Object.keys(lines);
  let rest = size - openingRequest(lines).length;
  return Object.fromEntries(
    names.map((name, index) => {
      const share = Math.floor(rest / (names.length - index));
      rest -= share;
      return [name, 'a'.repeat(1 + share)];
    }),
  );
}

const strangers: readonly (readonly [string, Uint8Array])[] = [
  ['a TLS ClientHello', Buffer.from('16030100a5010000a10303', 'hex')],
  ['SSH-2.0-x', Buffer.from('SSH-2.0-x\r\n')],
  ['PRI * HTTP/2.0', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  [
    '1,000 random bytes',
    Buffer.from(Array.from({ length: 1_000 }, (_, at) => (at * 167 + 13) & 255)),
  ],
];

const longSubprotocol = `b${' '.repeat(15_000)}x`;
const manyNames = Array.from({ length: 3_000 }, (_, index) => `n${index}`).join(',');

/** A request whose refusal takes no more time than the loop may stand still for it. */
function costing(name: string, lines: Lines): Input {
  return input(name, async (arena) => {
    const cost = await leastCpu(arena.full ? 10 : 1, async () => {
      const attacker = await arena.attacker();
      attacker.write(openingRequest(lines));
      await isRefused(arena, attacker, 400, 431);
    });
    arena.figure('request and answer', cost, 5, 'ms of CPU');
  });
}

/** The answer to a request with a body: the same bytes by whatever runs this. */
const bodyRefused = [
  'HTTP/1.1 400 Bad Request',
  'Connection: close',
  'Content-Length: 52',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'an opening request carries no body (RFC 6455 §4.1)\n',
].join('\r\n');

/** Rows about the request's first line and headers. */
export const handshakeRows = [
  row('HS-01', 'HTTP/1.0', '505 or 400, closed within 1 s', [
    refused('GET / HTTP/1.0', [400, 505], {}, 'GET / HTTP/1.0'),
  ]),
  row('HS-04', 'versions that only look like 13', '426 with Sec-WebSocket-Version: 13', [
    ['0xd', '13.0', '1.3e1', '+13', ' 13 13'].map((version) =>
      refused(`version ${version}`, [426], { 'Sec-WebSocket-Version': version }),
    ),
    accepted('spaces and tabs around 13', { 'Sec-WebSocket-Version': ' \t13\t ' }),
  ]),
  row('HS-06', 'bad keys', '400', [
    refused('15 bytes', [400], { 'Sec-WebSocket-Key': keyOf(15) }),
    refused('17 bytes', [400], { 'Sec-WebSocket-Key': keyOf(17) }),
    refused('a key with !', [400], { 'Sec-WebSocket-Key': `!${sampleKey.slice(1)}` }),
    refused('no key', [400], { 'Sec-WebSocket-Key': undefined }),
    refused('two keys', [400], { 'Sec-WebSocket-Key': [sampleKey, sampleKey] }),
  ]),
  row('HS-07', 'other Upgrade headers', '400, and 101 for any case of websocket', [
    refused('websocket, h2c', [400], { Upgrade: 'websocket, h2c' }),
    refused('h2c', [400], { Upgrade: 'h2c' }),
    refused('two of them', [400], { Upgrade: ['websocket', 'websocket'] }),
    accepted('WebSocket', { Upgrade: 'WebSocket' }),
  ]),
  row('HS-09', 'a frame as the body of the request', '400 and no message', [
    against(overBoth, 'Content-Length: 8 and a masked text', async (arena) => {
      const attacker = await arena.attacker();
      const frame = attacker.frame(op.text, 'hi');
      attacker.write(openingRequest({ 'Content-Length': '8' }), frame);
      assert.equal(String(await attacker.rest()), bodyRefused);
      assert.deepEqual(arena.opened, []);
    }),
  ]),
  row('HS-11', 'other methods and expectations', '405, 405, 400 and never 100', [
    refused('POST', [405], {}, 'POST / HTTP/1.1'),
    refused('HEAD', [405], {}, 'HEAD / HTTP/1.1'),
    refused('Expect: 100-continue', [400], { Expect: '100-continue' }),
  ]),
  row('HS-13', 'a head that is too large', '431', [
    refused('one line of 17,000 bytes', [431], { 'X-A': 'a'.repeat(17_000) }),
    refused('16 KiB + 1 over 90 lines', [431], headOf(16_385)),
    refused('one line of 8 KiB + 1', [431], { 'X-A': 'a'.repeat(8_193 - 'X-A: '.length) }),
    input('100 heads of 16,000 bytes that do not end', async (arena) => {
      const head = openingRequest({ ...headOf(16_000) }).slice(0, -2);
      const attackers = [];
      for (let count = 0; count < 100; count++) attackers.push(await arena.attacker());
      const before = memory();
      for (const attacker of attackers) attacker.write(head);
      await Promise.all(attackers.map((attacker) => attacker.flushed()));
      await arena.stage.canaries[0]?.check();
      const after = memory();
      const growth = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
      arena.figure('memory of each head', growth / 100 / 1024, 32, 'KiB');
      assert.ok(growth <= 100 * 32 * 1024, `${growth} bytes for 100 heads`);
    }),
    refused('a target of 8 KiB + 1', [414], {}, `GET /?${'a'.repeat(8_191)} HTTP/1.1`),
  ]),
  row('HS-15', 'many header lines', '431 for 101 of them, 101 for 100', [
    refused('101 lines', [431], linesInAll(101)),
    accepted('100 lines', linesInAll(100)),
  ]),
  row('HS-17', 'long lists of subprotocols', '400 or 431 at once', [
    costing('b, 15,000 spaces and x', { 'Sec-WebSocket-Protocol': longSubprotocol }),
    costing('3,000 names', { 'Sec-WebSocket-Protocol': manyNames }),
  ]),
  row('HS-19', 'extensions named as properties of objects', '101 without extension', [
    input('constructor; __proto__=1, toString', async (arena) => {
      const names = Object.getOwnPropertyNames(Object.prototype);
      const { answer } = await arena.request({
        'Sec-WebSocket-Extensions': 'constructor; __proto__=1, toString',
      });
      assert.equal(answer.status, 101);
      assert.equal(answer.headers.has('sec-websocket-extensions'), false);
      assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), names);
      assert.equal(Reflect.get({}, '1'), undefined);
    }),
  ]),
  row('HS-21', 'a page of somebody else', '403 unless its origin is listed', [
    refused('Origin: http://evil.example', [403], { Origin: 'http://evil.example' }),
    refused('Origin: null', [403], { Origin: 'null' }),
    accepted('no Origin', {}),
    input('a listed Origin', async (arena) => {
      const stage = await arena.open({ endpoint: { origins: ['http://evil.example'] } });
      const lines = { Origin: 'http://evil.example' };
      const { answer } = await arena.request(lines, undefined, stage);
      assert.equal(answer.status, 101);
    }),
  ]),
  row('HS-29', 'other protocols on a WebSocket port', '400 or an end', [
    strangers.map(([name, bytes]) =>
      input(name, async (arena) => {
        const attacker = await arena.attacker();
        attacker.write(bytes);
        const answer = (await attacker.rest()).toString('latin1');
        if (answer !== '') assert.match(answer, /^HTTP\/1\.1 400 /);
        assert.deepEqual(arena.opened, []);
      }),
    ),
  ]),
];
