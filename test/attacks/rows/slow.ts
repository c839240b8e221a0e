import assert from 'node:assert/strict';

import type { Connection } from 'hawser';

import type { Arena, Duel } from '../harness/arena.ts';
import { op } from '../harness/frames.ts';
import { input, row } from '../harness/row.ts';
import { until } from '../harness/waiting.ts';

const size = 16 * 1024;
const hard = 256 * 1024;
const count = 1_000;
const keys = 10;

type Policy = 'drop-newest' | 'drop-oldest' | 'conflate' | 'close';

/** A message with a number, of a size that fills buffers. */
function numbered(number: number): Uint8Array {
  const message = Buffer.alloc(size);
  message.writeUInt32BE(number);
  return message;
}

/** Sends more than a peer that does not read can take; gives the most that waited. */
async function produce(connection: Connection, policy: Policy): Promise<number> {
  let most = 0;
  for (let number = 0; number < count && connection.state === 'open'; number++) {
    const key = policy === 'conflate' ? { key: String(number % keys) } : {};
    connection.send(numbered(number), key);
    most = Math.max(most, connection.bufferedAmount);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return most;
}

/** Reads again, and gives the numbers of all messages that come. */
async function catchUp({ attacker, witness }: Duel, expected: number): Promise<number[]> {
  attacker.socket.resume();
  const numbers: number[] = [];
  while (numbers.length < expected) {
    const { opcode, payload } = await attacker.next(5_000);
    if (opcode === op.binary) numbers.push(payload.readUInt32BE(0));
    attacker.frames.length = 0;
  }
  await until(() => witness.connection.bufferedAmount === 0, 2_000, 'all sent');
  return numbers;
}

async function slowReader(arena: Arena, policy: Policy): Promise<{ duel: Duel; most: number }> {
  const stage = await arena.open({ endpoint: { backpressure: { hard, policy } } });
  const duel = await arena.duelWith(stage);
  duel.attacker.socket.pause();
  const most = await produce(duel.witness.connection, policy);
  arena.figure(`waiting at most, ${policy}`, most / 1024, (hard + size) / 1024, 'KiB');
  assert.ok(most <= hard + size, `${most} bytes waited`);
  return { duel, most };
}

const dropping = (['drop-newest', 'drop-oldest', 'conflate'] as const).map((policy) =>
  input(policy, async (arena) => {
    const { duel } = await slowReader(arena, policy);
    const { messages, bytes } = duel.witness.connection.dropped;
    assert.ok(messages > 0);
    assert.equal(bytes, messages * size);
    const numbers = await catchUp(duel, count - messages);
    const sorted = numbers.toSorted((a, b) => a - b);
    assert.deepEqual(numbers, sorted, 'what is left comes in order');
    assert.equal(new Set(numbers).size, count - messages);
    // Only drop-newest loses the last one; of each key the newest survives conflation.
    const last = new Set(numbers.slice(-keys));
    const newest = Array.from({ length: keys }, (_, index) => count - 1 - index);
    assert.equal(last.has(count - 1), policy !== 'drop-newest');
    if (policy === 'conflate') assert.ok(newest.every((number) => last.has(number)));
    arena.notes.push(`${policy}: ${messages} dropped`);
  }),
);

/** Rows about a peer that reads more slowly than the application sends. */
export const slowRows = [
  row('FC-03', 'a reader slower than the application', 'the cap holds, drops counted, order kept', [
    dropping,
    input('close', async (arena) => {
      const { duel } = await slowReader(arena, 'close');
      const info = await duel.witness.closed(4_000);
      assert.equal(info.code, 1013);
    }),
  ]),
];
