import assert from 'node:assert/strict';

import { connect, type ConnectOptions } from 'hawser';

import { type Arena, switching, type Target } from '../harness/arena.ts';
import type { Attacker } from '../harness/attacker.ts';
import { bomb, rsv1 } from '../harness/deflated.ts';
import { failing } from '../harness/failing.ts';
import { closeBody, op } from '../harness/frames.ts';
import { ownWork } from '../harness/own-work.ts';
import { against, blocking, heavyInput, type Input, input, row } from '../harness/row.ts';
import { memory } from '../harness/vitals.ts';
import { timeOf } from '../harness/waiting.ts';

const clients: readonly Target[] = ['client', 'client deflate'];
const mebibyte = 1_048_576;

/** What a server answers to the key of a client. */
type Answering = (key: string, attacker: Attacker) => string;

/** Connects a client to a server that answers so; gives both ends. */
async function tryTo(arena: Arena, answering: Answering, options: ConnectOptions = {}) {
  const rogue = await arena.rogue();
  const opening = connect(`ws://127.0.0.1:${rogue.port}/`, options);
  // Judged by whoever asked for it; until then a refusal is nobody's failure.
  opening.catch(() => {});
  const attacker = await rogue.client();
  const key = /^sec-websocket-key: (.*)\r$/im.exec(await attacker.head())?.[1] ?? '';
  attacker.write(answering(key, attacker));
  return { opening, attacker };
}

/** An answer that makes the handshake fail, after which the client's socket is gone. */
function rejecting(name: string, answering: Answering, options: ConnectOptions = {}): Input {
  return input(name, async (arena) => {
    const { opening, attacker } = await tryTo(arena, answering, options);
    await assert.rejects(opening, { name: 'HandshakeError' });
    await attacker.rest();
    await arena.socketsGone(1_000);
  });
}

const subprotocol = (name: string) => `Sec-WebSocket-Protocol: ${name}`;
const foreignKey = 'AQIDBAUGBwgJCgsMDQ4PEA==';
const withoutAccept = (key: string): string => switching(key).replace(/Sec-WebSocket-A.*\r\n/, '');
const requested = { subprotocols: ['a', 'b'] };

function repeat(frame: Buffer, count: number): Buffer {
  return ownWork(() => Buffer.concat(Array<Buffer>(count).fill(frame)));
}

const answerRows = [
  row('MS-01', 'a server that accepts and stays silent', 'fails at the deadline', [
    input('handshakeTimeout 1 s', async (arena) => {
      const rogue = await arena.rogue();
      const opening = connect(`ws://127.0.0.1:${rogue.port}/`, { handshakeTimeout: 1_000 });
      opening.catch(() => {});
      const attacker = await rogue.client();
      const took = await timeOf(() => assert.rejects(opening, { name: 'TimeoutError' }));
      assert.ok(took > 900, `${took} ms`);
      arena.figure('failed after', took, 1_500, 'ms');
      await attacker.rest();
    }),
    heavyInput('no options', 10, async (arena) => {
      const rogue = await arena.rogue();
      const opening = connect(`ws://127.0.0.1:${rogue.port}/`);
      const took = await timeOf(() => assert.rejects(opening, { name: 'TimeoutError' }));
      arena.figure('failed after', took / 1_000, 10.5, 's');
    }),
  ]),
  row('MS-03', 'a wrong Sec-WebSocket-Accept', 'the handshake fails', [
    rejecting('wrong', (key) =>
      switching(key).replace(/(Accept: ).*/, '$1AAAAAAAAAAAAAAAAAAAAAAAAAAA='),
    ),
    rejecting('missing', withoutAccept),
    rejecting('for another key', () => switching(foreignKey)),
    rejecting('twice', (key) => switching(key, [`Sec-WebSocket-Accept: x`])),
    input('the right one with a space behind it', async (arena) => {
      const answering = (key: string) => switching(key).replace(/(Accept: .*)\r/, '$1 \r');
      const { opening, attacker } = await tryTo(arena, answering);
      const connection = await opening;
      attacker.destroy();
      assert.equal((await connection.closed).code, 1006);
    }),
  ]),
  row('MS-05', 'a subprotocol that was not agreed', 'the handshake fails', [
    rejecting('one that was not requested', (key) => switching(key, [subprotocol('c')]), requested),
    rejecting('one though none was requested', (key) => switching(key, [subprotocol('a')])),
    rejecting('two in one header', (key) => switching(key, [subprotocol('a, b')]), requested),
    rejecting(
      'two headers',
      (key) => switching(key, [subprotocol('a'), subprotocol('b')]),
      requested,
    ),
    rejecting('none though requested', (key) => switching(key), requested),
    rejecting('another case', (key) => switching(key, [subprotocol('A')]), requested),
  ]),
  row('MS-09', 'a redirect to another host', 'fails, and nothing is sent there', [
    [301, 302, 303, 307, 308].map((status) =>
      input(`${status} by default`, async (arena) => {
        const other = await arena.rogue();
        const location = `Location: http://127.0.0.1:${other.port}/`;
        const head = `HTTP/1.1 ${status} Moved\r\n${location}\r\nContent-Length: 0\r\n\r\n`;
        const { opening } = await tryTo(arena, () => head);
        await assert.rejects(opening, { name: 'HandshakeError', statusCode: status });
        await arena.socketsGone(1_000);
        assert.equal(other.clients(), 0);
      }),
    ),
  ]),
];

const secrets = {
  Authorization: 'Bearer 1',
  Cookie: 'a=1',
  'X-Api-Key': '1',
  'Proxy-Authorization': 'Basic 1',
};

const comingBack = [
  row('MS-11', 'credentials, and a redirect to another host', 'none reach it', [
    [301, 302, 303, 307, 308].flatMap((status) =>
      Object.entries(secrets).map(([name, value]) =>
        input(`${name}, ${status}`, async (arena) => {
          const other = await arena.rogue();
          const location = `Location: http://127.0.0.1:${other.port}/`;
          const head = `HTTP/1.1 ${status} Moved\r\n${location}\r\nContent-Length: 0\r\n\r\n`;
          const headers = { [name]: value };
          const { opening } = await tryTo(arena, () => head, { headers });
          await assert.rejects(opening, { name: 'HandshakeError', statusCode: status });
          await arena.socketsGone(1_000);
          assert.equal(other.clients(), 0);
        }),
      ),
    ),
  ]),
  row('MS-17', 'closes and refusals, some with a hint when to come back', 'told, never by itself', [
    [1012, 1013, 1008, 4000, 4999].flatMap((code) =>
      against(['client'], `Close ${code}`, async (arena) => {
        const { attacker, witness } = await arena.duel();
        attacker.send(op.close, closeBody(code, 'retry-after=1'));
        assert.equal(await attacker.closeCode(), code);
        attacker.socket.end();
        const { retryable, reason } = await witness.closed(1_100);
        assert.deepEqual([retryable, reason], [code === 1012 || code === 1013, 'retry-after=1']);
      }),
    ),
    [401, 403].map((status) =>
      input(`${status} with Retry-After`, async (arena) => {
        const head = `HTTP/1.1 ${status} No\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n`;
        const rogue = await arena.rogue();
        const opening = connect(`ws://127.0.0.1:${rogue.port}/`);
        opening.catch(() => {});
        const attacker = await rogue.client();
        await attacker.head();
        attacker.write(head);
        await assert.rejects(opening, { name: 'HandshakeError', statusCode: status });
        await arena.socketsGone(1_000);
        assert.equal(rogue.clients(), 1);
      }),
    ),
  ]),
];

const frameRows = [
  row('MS-07', 'a frame that a server masks', '1002', [
    failing(clients, 'a masked "Hello"', 1002, ({ attacker }) => {
      attacker.send(op.text, 'Hello', { key: Buffer.from('37fa213d', 'hex') });
    }),
  ]),
  row('MS-13', 'what a client must survive as a server does', 'the same limits', [
    failing(['client deflate'], 'a bomb of 32 MiB', 1009, ({ attacker }) => {
      attacker.send(op.binary, bomb(32), rsv1);
    }),
    failing(clients, '131,000 fragments in one write', 1008, ({ attacker }) => {
      const more = attacker.frame(op.more, 'b', { fin: false });
      attacker.write(attacker.frame(op.binary, 'a', { fin: false }), repeat(more, 131_000));
    }),
    against(['client'], '1,000 messages of 32 B, each followed by 64 KiB', async (arena) => {
      const { attacker, witness } = await arena.duel();
      const kept: unknown[] = [];
      const before = memory();
      const [small, large] = [32, 65_480].map((size) =>
        attacker.frame(op.binary, Buffer.alloc(size)),
      );
      for (let count = 1; count <= 1_000; count++) {
        attacker.write(small ?? '', large ?? '');
        await attacker.next();
        await attacker.next();
        attacker.frames.length = 0;
        kept.push(...witness.messages.splice(0).filter(({ length }) => length === 32));
      }
      assert.equal(kept.length, 1_000);
      const growth = memory().arrayBuffers - before.arrayBuffers;
      arena.figure('buffers of 1,000 messages', growth / mebibyte, 4, 'MiB');
      assert.ok(growth < 4 * mebibyte, `${growth} bytes`);
    }),
  ]),
];

/** The keys of all masked frames in some bytes of the wire; frames are shorter than 126 bytes. */
function keysIn(wire: Buffer): number[] {
  const keys: number[] = [];
  for (let at = 0; at + 6 <= wire.length; at += 6 + ((wire[at + 1] ?? 0) & 0x7f)) {
    keys.push(wire.readUInt32BE(at + 2));
  }
  return keys;
}

/** χ² of the bytes at one place of all keys against evenly spread ones, 255 degrees of freedom. */
function chiSquare(keys: readonly number[], shift: number): number {
  const counts = Array<number>(256).fill(0);
  for (const key of keys) counts[(key >>> shift) & 255] = (counts[(key >>> shift) & 255] ?? 0) + 1;
  const expected = keys.length / 256;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

const maskRow = row('MS-19', 'masking keys that could be guessed', 'random and never reused', [
  against(['client'], '100,000 keys, half of them of fragments', async (arena) => {
    const { attacker, witness } = await arena.duel({ backpressure: { hard: 64 * mebibyte } });
    const { connection } = witness;
    for (let count = 0; count < 100_000; count += 10) {
      for (let single = 0; single < 5; single++) connection.send('');
      for (let part = 0; part < 5; part++) connection.send('', { fin: part === 4 });
    }
    const wire = await attacker.bytes(600_000, 10_000);
    const keys = keysIn(wire);
    assert.equal(keys.length, 100_000);
    // About one pair is expected among 10^5 of 2^32; ten would be one in ten million runs.
    const repeated = keys.length - new Set(keys).size;
    arena.figure('repeated keys', repeated, 9, '');
    assert.ok(repeated <= 9, `${repeated} repeated keys`);
    for (const shift of [0, 8, 16, 24]) {
      const spread = chiSquare(keys, shift);
      arena.figure(`χ² of byte ${3 - shift / 8}`, spread, 390, '');
      // Below 140 or above 390 is one in ten million for 255 degrees of freedom.
      assert.ok(spread > 140 && spread < 390, `${spread}`);
    }
    assert.ok(keys.every((key, index) => index === 0 || key !== keys[index - 1]));
  }),
]);

/** Rows about a client and a server that means it harm. */
export const clientRows = [...answerRows, ...comingBack, ...frameRows, ...blocking([maskRow])];
