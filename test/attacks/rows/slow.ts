import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';

import type { Connection } from 'hawser';
import { type FaultProxy, faultProxy } from 'hawser/testing';

import type { Arena, Duel } from '../harness/arena.ts';
import { op } from '../harness/frames.ts';
import { input, row } from '../harness/row.ts';
import { until } from '../harness/waiting.ts';

const kib = 1_024;
/** What fills all buffers up to the attacker, and what the application produces from then on. */
const large = 16 * kib;
const small = kib;
const hard = 256 * kib;
const keys = 10;
/** Milliseconds between two messages: 10 KiB a second. */
const pace = 100;
/** Milliseconds in which the system takes more if it can, and in which the cap must be reached. */
const SETTLING = 100;
const LONGEST = 20_000;
/** Bytes of a frame's header, at most. */
const header = 14;

type Policy = 'drop-newest' | 'drop-oldest' | 'conflate' | 'close';

/** A peer that takes 1 KiB a second of what an application sends to it. */
class SlowReader {
  readonly duel: Duel;
  /** The sizes of all messages, by their numbers. */
  readonly sizes: number[] = [];
  most = 0;
  readonly #proxy: FaultProxy;
  readonly #policy: Policy;

  constructor(duel: Duel, proxy: FaultProxy, policy: Policy) {
    this.duel = duel;
    this.#proxy = proxy;
    this.#policy = policy;
  }

  static async open(arena: Arena, policy: Policy): Promise<SlowReader> {
    const stage = await arena.open({ endpoint: { backpressure: { hard, policy } } });
    const proxy = await faultProxy({ target: stage.port });
    arena.after(() => proxy.close());
    const duel = await arena.duelWith(stage, {}, proxy.port);
    proxy.set({ throttle: kib }, 'downstream');
    return new SlowReader(duel, proxy, policy);
  }

  get #connection(): Connection {
    return this.duel.witness.connection;
  }

  /** Whatever takes bytes on the way to the attacker has no room left. */
  async fill(): Promise<void> {
    // What is conflated never comes near the cap.
    const level = this.#policy === 'conflate' ? hard / 2 : hard - large;
    while (this.#connection.bufferedAmount < level) {
      while (this.#connection.bufferedAmount < level) {
        this.#send(large);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await wait(SETTLING);
    }
  }

  /** Sends 10 KiB a second for so long, and until the policy has something to do. */
  async produce(seconds: number): Promise<void> {
    const { socket } = this.duel.attacker;
    const [began, read] = [performance.now(), socket.bytesRead];
    for (let sent = 1; this.#connection.state === 'open'; sent++) {
      this.#send(small);
      const done = sent * pace >= seconds * 1_000 && this.#connection.dropped.messages > 0;
      if (done) break;
      assert.ok(sent < LONGEST / pace, 'the policy has something to do');
      await wait(began + sent * pace - performance.now());
    }
    const passed = (performance.now() - began) / 1_000;
    const rate = (socket.bytesRead - read) / passed;
    assert.ok(rate <= 1.5 * kib, `the peer read ${rate} bytes a second`);
  }

  /** The attacker reads as fast as it can; gives the numbers of all messages that come. */
  async catchUp(): Promise<number[]> {
    const { attacker } = this.duel;
    this.#proxy.set({ throttle: Infinity }, 'downstream');
    const expected = this.sizes.length - this.#connection.dropped.messages;
    const numbers: number[] = [];
    while (numbers.length < expected) {
      const { opcode, payload } = await attacker.next(5_000);
      if (opcode === op.binary) numbers.push(payload.readUInt32BE(0));
      attacker.frames.length = 0;
    }
    await until(() => this.#connection.bufferedAmount === 0, 2_000, 'all sent');
    return numbers;
  }

  #send(size: number): void {
    const number = this.sizes.push(size) - 1;
    const message = Buffer.alloc(size);
    message.writeUInt32BE(number);
    const key = this.#policy === 'conflate' ? { key: String(number % keys) } : {};
    this.#connection.send(message, key);
    this.most = Math.max(this.most, this.#connection.bufferedAmount);
  }
}

/** A reader of 1 KiB a second and a sender of 10; what waits stays below the cap and one message. */
async function outpaced(arena: Arena, policy: Policy): Promise<SlowReader> {
  const reader = await SlowReader.open(arena, policy);
  await reader.fill();
  await reader.produce(arena.full ? 12 : 1);
  const cap = hard + large + header;
  arena.figure(`waiting at most, ${policy}`, reader.most / kib, cap / kib, 'KiB');
  assert.ok(reader.most <= cap, `${reader.most} bytes waited`);
  return reader;
}

/** Throws unless exactly the messages are missing that were counted as dropped. */
function assertCounted({ sizes, duel }: SlowReader, numbers: readonly number[]): void {
  const came = new Set(numbers);
  assert.equal(came.size, numbers.length, 'none came twice');
  const missing = sizes.filter((_, number) => !came.has(number));
  const bytes = missing.reduce((sum, size) => sum + size, 0);
  assert.ok(missing.length > 0, 'some were dropped');
  assert.deepEqual({ ...duel.witness.connection.dropped }, { messages: missing.length, bytes });
}

const dropping = (['drop-newest', 'drop-oldest', 'conflate'] as const).map((policy) =>
  input(`1 KiB/s against 10 KiB/s, ${policy}`, async (arena) => {
    const reader = await outpaced(arena, policy);
    const numbers = await reader.catchUp();
    assertCounted(reader, numbers);
    const sorted = numbers.toSorted((a, b) => a - b);
    assert.deepEqual(numbers, sorted, 'what is left comes in order');
    // Only drop-newest loses the last one; of each key the newest survives conflation.
    const count = reader.sizes.length;
    const last = new Set(numbers.slice(-keys));
    assert.equal(last.has(count - 1), policy !== 'drop-newest');
    const newest = Array.from({ length: keys }, (_, index) => count - 1 - index);
    if (policy === 'conflate') assert.ok(newest.every((number) => last.has(number)));
    arena.notes.push(`${policy}: ${count - numbers.length} dropped`);
  }),
);

/** Rows about a peer that reads more slowly than the application sends. */
export const slowRows = [
  row('FC-03', 'a reader slower than the application', 'the cap holds, drops counted, order kept', [
    dropping,
    input('1 KiB/s against 10 KiB/s, close', async (arena) => {
      const { duel } = await outpaced(arena, 'close');
      const info = await duel.witness.closed(4_000);
      assert.equal(info.code, 1013);
    }),
  ]),
];
