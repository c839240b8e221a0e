import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Message } from '../../src/connection/handler.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import { connectedPair } from '../../src/testing/connected-pair.ts';
import { closePayload, rawPair, settle } from '../connection/raw-peer.ts';
import { overTcp } from '../suites/pairs.ts';

const roles = ['server', 'client'] as const;

function isPlain(bytes: unknown): bytes is Uint8Array {
  return bytes instanceof Uint8Array && Object.getPrototypeOf(bytes) === Uint8Array.prototype;
}

/** All messages that a connection hands over for these frames. */
async function received(
  role: (typeof roles)[number],
  write: (peer: ReturnType<typeof rawPair>['peer']) => void,
): Promise<Message[]> {
  const messages: Message[] = [];
  const { peer } = rawPair({
    role,
    handler: { message: (_connection, message) => void messages.push(message) },
  });
  write(peer);
  await settle(5);
  return messages;
}

for (const role of roles) {
  describe(`Behaviour 3: what a ${role} receives`, () => {
    test('text is a string, binary exactly a Uint8Array', async () => {
      const messages = await received(role, (peer) => {
        peer.send(Opcode.Text, 'grün');
        peer.send(Opcode.Binary, Buffer.from('grün'));
      });
      assert.equal(messages[0], 'grün');
      assert.ok(isPlain(messages[1]));
      assert.deepEqual(messages[1], new Uint8Array(Buffer.from('grün')));
    });

    test('empty messages are messages', async () => {
      const messages = await received(role, (peer) => {
        peer.send(Opcode.Text);
        peer.send(Opcode.Binary);
      });
      assert.equal(messages[0], '');
      assert.ok(isPlain(messages[1]) && messages[1].length === 0);
    });

    test('what is shorter than half of its backing store is copied', async () => {
      const messages = await received(role, (peer) => {
        const small = peer.frame(Opcode.Binary, new Uint8Array(10).fill(1));
        const large = peer.frame(Opcode.Binary, new Uint8Array(1_000).fill(2));
        peer.transport.write(Buffer.concat([small, large]));
      });
      const [small, large] = messages as Uint8Array[];
      assert.equal(small?.buffer.byteLength, 10);
      assert.ok(large !== undefined && large.buffer.byteLength > 1_000);
      assert.ok(isPlain(small) && isPlain(large));
    });

    test('no message pins more than twice its length, or 4 KiB that small ones share', async () => {
      const sizes = Array.from({ length: 400 }, (_, index) => index * 37);
      const messages = await received(role, (peer) => {
        for (const size of sizes) peer.send(Opcode.Binary, new Uint8Array(size).fill(size));
      });
      assert.equal(messages.length, sizes.length);
      for (const [index, message] of (messages as Uint8Array[]).entries()) {
        assert.equal(message.length, sizes[index]);
        assert.ok(message.every((byte) => byte === (message.length & 0xff)));
        assert.ok(message.buffer.byteLength <= Math.max(message.length * 2, 4_096));
      }
    });

    test("a message is the receiver's to change: others stay as they are", async () => {
      const messages = await received(role, (peer) => {
        const frames = [1, 2].map((fill) =>
          peer.frame(Opcode.Binary, new Uint8Array(900).fill(fill)),
        );
        peer.transport.write(Buffer.concat(frames));
      });
      const [first, second] = messages as Uint8Array[];
      first?.fill(9);
      assert.ok(second?.every((byte) => byte === 2));
    });

    test('pieces, pings and pongs are exactly Uint8Arrays as well', async () => {
      const seen: unknown[] = [];
      const { peer } = rawPair({
        role,
        handler: {
          fragment: (_connection, bytes) => void seen.push(bytes),
          ping: (_connection, bytes) => void seen.push(bytes),
          pong: (_connection, bytes) => void seen.push(bytes),
        },
      });
      peer.send(Opcode.Text, 'text');
      peer.send(Opcode.Ping, 'p');
      peer.send(Opcode.Pong);
      await settle();
      assert.equal(seen.length, 3);
      assert.ok(seen.every(isPlain));
    });
  });

  test(`Behaviour 4: a ${role} enforces masks in its direction`, async () => {
    const { peer, connection } = rawPair({ role, handler: { message() {} } });
    const wrong = role === 'server' ? '8103616263' : '818300000000616263';
    peer.transport.write(Buffer.from(wrong, 'hex'));
    await settle();
    assert.match(peer.log[0] ?? '', /^close 1002 .*mask/);
    assert.equal(connection.state, 'closed');
  });
}

test('Behaviour 3: memory is never shared with a message of another connection', async (t) => {
  const buffers: Set<ArrayBufferLike>[] = [];
  const kept: { message: Uint8Array; fill: number }[] = [];
  const ends = [];
  for (let index = 0; index < 3; index++) {
    const own = new Set<ArrayBufferLike>();
    buffers.push(own);
    const options = index === 0 ? {} : { compression: { threshold: 1_000, maxRatio: Infinity } };
    const { client, server } = await overTcp(t, { options });
    for (const size of [1, 100, 999, 5_000, 20_000, 33_000, 65_000, 100_000, 20_000, 10]) {
      client.send(new Uint8Array(size).fill(index * 50 + (size % 50)));
    }
    ends.push({ server, own, index });
  }
  for (let count = 0; count < 10; count++) {
    for (const { server, own, index } of ends) {
      const message = await server.receive();
      assert.ok(message instanceof Uint8Array);
      own.add(message.buffer);
      kept.push({ message, fill: index * 50 + (message.length % 50) });
    }
  }
  for (const { message, fill } of kept) assert.ok(message.every((byte) => byte === fill));
  const all = buffers.flatMap((own) => Array.from(own));
  assert.equal(new Set(all).size, all.length);
});

describe('Behaviour 4: strict, unless an option says otherwise', () => {
  test('validateUtf8: false lets bad text through, else it is 1007', async () => {
    for (const validateUtf8 of [true, false]) {
      const messages: Message[] = [];
      const { peer } = rawPair({
        options: { validateUtf8 },
        handler: { message: (_connection, message) => void messages.push(message) },
      });
      peer.send(Opcode.Text, Buffer.from('61ff62', 'hex'));
      await settle();
      if (validateUtf8) assert.match(peer.log[0] ?? '', /^close 1007 /);
      else assert.deepEqual(messages, ['a\ufffdb']);
    }
  });

  test('invalid UTF-8 fails as it arrives, before the message is whole', async () => {
    const { peer } = rawPair({ handler: { message() {} } });
    const frame = peer.frame(
      Opcode.Text,
      Buffer.concat([Buffer.from('c0', 'hex'), Buffer.alloc(100)]),
    );
    peer.transport.write(frame.subarray(0, 8));
    await settle();
    assert.match(peer.log[0] ?? '', /^close 1007 /);
  });

  test('F022: allowReservedBits gives message a third argument, otherwise there is none', async () => {
    const seen: unknown[][] = [];
    const handler = { message: (...given: unknown[]) => void seen.push(given.slice(1)) };
    const lax = rawPair({ handler, options: { allowReservedBits: true } });
    lax.peer.send(Opcode.Text, 'a', { rsv: 3 });
    lax.peer.send(Opcode.Text, 'b');
    lax.peer.send(5, 'c', { rsv: 7 });
    await settle();
    const strict = rawPair({ handler });
    strict.peer.send(Opcode.Text, 'd');
    await settle();
    assert.deepEqual(seen, [
      ['a', { rsv: 3, opcode: 1 }],
      ['b', { rsv: 0, opcode: 1 }],
      [new Uint8Array([0x63]), { rsv: 7, opcode: 5 }],
      ['d', undefined],
    ]);
  });

  test('F022: the bits of queued messages are those of their own frames', async () => {
    const seen: unknown[] = [];
    const { peer } = rawPair({
      options: { allowReservedBits: true },
      handler: {
        async message(_connection, message, bits) {
          await settle(1);
          seen.push([message, bits?.rsv]);
        },
      },
    });
    for (const rsv of [1, 2, 3]) peer.send(Opcode.Text, String(rsv), { rsv });
    await settle(10);
    assert.deepEqual(seen, [
      ['1', 1],
      ['2', 2],
      ['3', 3],
    ]);
  });
});

describe('Behaviour 5: close codes', () => {
  const valid = [1000, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 4999];
  const invalid = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535];

  for (const role of roles) {
    test(`a ${role} accepts valid ones and fails with 1002 on the rest`, async () => {
      for (const code of [...valid, ...invalid]) {
        const { peer } = rawPair({ role, handler: { message() {} } });
        peer.send(Opcode.Close, closePayload(code, 'x'));
        await settle(1);
        const expected = valid.includes(code) ? `close ${code} x` : 'close 1002';
        assert.ok(peer.log[0]?.startsWith(expected), `${code}: ${peer.log[0]}`);
      }
    });
  }

  test('a code that is never sent throws, names the allowed ones and changes nothing', async () => {
    const { server, client } = connectedPair();
    for (const code of invalid) {
      assert.throws(() => void client.close(code), { name: 'RangeError', message: /1000–1003/ });
    }
    assert.throws(() => void client.close('1000' as never), { name: 'TypeError', message: /code/ });
    assert.throws(() => void client.close(1000, 5 as never), {
      name: 'TypeError',
      message: /reason/,
    });
    assert.equal(client.state, 'open');
    client.send('open');
    assert.equal(await server.receive(), 'open');
  });
});
