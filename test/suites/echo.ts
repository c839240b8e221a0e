import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';

import type { Connection } from '../../src/connection/connection.ts';
import type { Handler, Message } from '../../src/connection/handler.ts';
import type { Role } from '../../src/protocol/role.ts';
import { type MakePair, otherRole, type PairOptions, pull, roles, sendAll } from './pairs.ts';

const sizes = [0, 1, 2, 124, 125, 126, 127, 128, 4_095, 65_535, 65_536, 65_537, 300_000, 1_048_576];

const echo: Handler = {
  async message(connection, message) {
    if (!connection.send(message)) await connection.drained();
  },
};

/** Binary content that differs everywhere, so that nothing can be exchanged unnoticed. */
function binary(size: number, seed = 1): Uint8Array {
  let state = seed + size;
  const next = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 16;
  return Uint8Array.from({ length: size }, next);
}

/** Text of so many bytes as UTF-8, of characters of one to four bytes. */
function text(bytes: number): string {
  const pattern = 'aß€😀';
  return pattern.repeat(Math.floor(bytes / 10)) + 'x'.repeat(bytes % 10);
}

/** What comes back is what was sent, whichever side sends. */
export function echoSuite(name: string, makePair: MakePair): void {
  for (const role of roles) {
    /** The end that sends and pulls; the other one echoes. */
    const open = async (t: TestContext, given: PairOptions = {}): Promise<Connection> => {
      const pair = await makePair(t, { ...given, [otherRole(role)]: echo });
      return pair[role];
    };
    describe(`echo over ${name}, to a ${otherRole(role)}`, () => {
      messageTests(open);
      fragmentTests(open, role);
    });
  }
  describe(`echo over ${name}`, () => {
    test('both directions carry their own order at the same time', async (t) => {
      const { server, client } = await makePair(t);
      const down = Array.from({ length: 500 }, (_, index) => `down ${index}`);
      const up = Array.from({ length: 500 }, (_, index) => `up ${index}`);
      const [gotDown, gotUp] = await Promise.all([
        pull(client, down.length),
        pull(server, up.length),
        sendAll(server, down),
        sendAll(client, up),
      ]);
      assert.deepEqual([gotDown, gotUp], [down, up]);
    });
  });
}

type Open = (t: TestContext, given?: PairOptions) => Promise<Connection>;

function messageTests(open: Open): void {
  for (const size of sizes) {
    test(`RFC 6455 §5.2: text and binary of ${size} bytes come back unchanged`, async (t) => {
      const near = await open(t);
      const messages = [text(size), binary(size)];
      void sendAll(near, messages);
      assert.deepEqual(await pull(near, 2), messages);
    });
  }

  test('RFC 6455 §5.6: empty messages are messages', async (t) => {
    const near = await open(t);
    const messages = ['', new Uint8Array(), 'x', '', '', new Uint8Array()];
    await sendAll(near, messages);
    assert.deepEqual(await pull(near, messages.length), messages);
  });

  test('a binary message is exactly a Uint8Array, text a string', async (t) => {
    const near = await open(t);
    await sendAll(near, [Buffer.from([1]), 'x']);
    const [bytes, string] = await pull(near, 2);
    assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
    assert.equal(typeof string, 'string');
  });

  test('messages of all sizes keep their order and their bounds', async (t) => {
    const near = await open(t);
    const messages = Array.from({ length: 1_000 }, (_, index): Message => {
      const size = (index * 7_919) % (index % 50 === 0 ? 90_000 : 300);
      return index % 3 === 0 ? text(size) : binary(size, index);
    });
    const [received] = await Promise.all([pull(near, messages.length), sendAll(near, messages)]);
    assert.deepEqual(received, messages);
  });

  test('the caller may change the bytes as soon as send returns', async (t) => {
    const near = await open(t);
    for (const size of [10, 100_000]) {
      const bytes = new Uint8Array(size).fill(1);
      near.send(bytes);
      bytes.fill(2);
      assert.deepEqual(await pull(near, 1), [new Uint8Array(size).fill(1)]);
    }
  });

  test('every kind of bytes may be sent', async (t) => {
    const near = await open(t);
    const { buffer } = Uint8Array.of(9, 1, 2, 3, 4, 9, 9, 9);
    const views = [new DataView(buffer, 1, 4), new Uint16Array(buffer, 2, 1), buffer];
    for (const view of views) near.send(view);
    const expected = [
      [1, 2, 3, 4],
      [2, 3],
      [9, 1, 2, 3, 4, 9, 9, 9],
    ];
    assert.deepEqual(
      await pull(near, views.length),
      expected.map((bytes) => Uint8Array.from(bytes)),
    );
  });

  test('with permessage-deflate messages come back unchanged as well', async (t) => {
    const near = await open(t, { options: { compression: { threshold: 0, maxRatio: Infinity } } });
    const messages = [text(100_000), binary(100_000), '', text(10), new Uint8Array(500_000)];
    void sendAll(near, messages);
    assert.deepEqual(await pull(near, messages.length), messages);
  });
}

function fragmentTests(open: Open, role: Role): void {
  test('RFC 6455 §5.4: a message sent in fragments arrives as one, pings between them', async (t) => {
    const near = await open(t);
    near.send('Hel', { fin: false });
    const roundTrip = near.ping('between');
    near.send('', { fin: false });
    near.send('lo', { fin: true });
    assert.deepEqual(await pull(near, 1), ['Hello']);
    assert.ok((await roundTrip) >= 0);
  });

  test('RFC 6455 §5.4: fragments may cut a character and may all be empty', async (t) => {
    const near = await open(t);
    const bytes = binary(70_000);
    near.send(bytes.subarray(0, 1), { fin: false });
    near.send(bytes.subarray(1), { fin: true });
    near.send(new Uint8Array(), { fin: false });
    near.send(new Uint8Array(), { fin: true });
    await near.sendFragments(['a', '€'.repeat(30_000), ''], 'text');
    const expected = [bytes, new Uint8Array(), `a${'€'.repeat(30_000)}`];
    assert.deepEqual(await pull(near, 3), expected);
  });

  test('RFC 6455 §5.4: large messages may be cut into fragments by themselves', async (t) => {
    const near = await open(t, { options: { maxFragmentSize: 8_192 } });
    const messages = [text(200_000), binary(8_192), binary(8_193)];
    await sendAll(near, messages);
    assert.deepEqual(await pull(near, 3), messages);
  });

  test('RFC 6455 §5.5.2: a ping is answered and its round trip measured', async (t) => {
    const near = await open(t);
    const times = await Promise.all([near.ping(), near.ping('x'), near.ping(new Uint8Array(125))]);
    assert.ok(times.every((milliseconds) => milliseconds >= 0 && milliseconds < 10_000));
    assert.equal(near.role, role);
  });
}
