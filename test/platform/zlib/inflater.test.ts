import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOver } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';

import fc from 'fast-check';

import { createDeflater, createInflater } from '../../../src/platform/node-zlib.ts';
import { LoopTime } from '../../../src/platform/zlib/loop-time.ts';
import { CodecJobs } from '../codec-jobs.ts';

const { Z_FINISH, Z_SYNC_FLUSH } = constants;
const NONE = Buffer.alloc(0);
const TAIL = Buffer.from('0000ffff', 'hex');
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Time that is never short: what is too slow on a busy machine would go to the pool. */
const allTheTime = () => new LoopTime(Infinity);

function create(windowBits = 12, loopTime = allTheTime()) {
  const jobs = new CodecJobs((sink) => createInflater(windowBits, sink, undefined, loopTime));
  const now = (input: Uint8Array, ending = NONE, maxLength = Infinity, forgets = false) =>
    jobs.codec.runNow?.(input, ending, maxLength, forgets);
  return { jobs, now };
}

const deflated = (bytes: Uint8Array, finishFlush = Z_SYNC_FLUSH) =>
  deflateRawSync(bytes, { finishFlush, windowBits: 12 });
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

test('RFC 7692 §7.2.2: a small message is inflated at once, with the window of those before', () => {
  const { jobs, now } = create();
  assert.equal(textOf(now(hex('f248cdc9c90700'), TAIL)), 'Hello');
  assert.equal(textOf(now(hex('f200110000'), TAIL)), 'Hello');
  assert.equal(now(NONE)?.length, 0);
  assert.equal(now(hex('00'), TAIL)?.length, 0);
  jobs.codec.close();
  assert.equal(jobs.copies.length, 0, 'the sink hears nothing');
});

test('RFC 7692 §7.1.1: what a job forgot is in no window', async () => {
  const { jobs, now } = create();
  now(hex('f248cdc9c90700'), TAIL, Infinity, true);
  assert.equal(now(hex('f200110000'), TAIL), undefined);
  await assert.rejects(jobs.run(hex('f200110000'), TAIL), /invalid distance/);
});

test('RFC 7692 §7.1.2: jobs at once and in the pool, in any order, share one window', async () => {
  const message = fc
    .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(60)), { maxLength: 9 })
    .map((parts) =>
      Buffer.concat(parts.map(([bytes, n]) => Buffer.alloc(bytes.length * n, bytes))),
    );
  const steps = fc.array(fc.tuple(message, fc.boolean()), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 8, max: 15 }), steps, async (windowBits, steps) => {
      const settings = { windowBits, level: 6, memoryLevel: 8 };
      const out = new CodecJobs((sink) => createDeflater(settings, sink));
      const { jobs, now } = create(windowBits);
      for (const [bytes, small] of steps) {
        const payload = await out.run(bytes);
        const output = small ? now(payload) : undefined;
        if (output) assert.ok(output.length <= 16_384);
        assert.deepEqual(Buffer.from(output ?? (await jobs.run(payload, NONE))), bytes);
        // Its receiver may change what was handed on.
        output?.fill(0xee);
      }
      out.codec.close();
      jobs.codec.close();
    }),
    { numRuns: 150 },
  );
});

test('CP-01: output is for the pool when it is more than 16 KiB, or than its limit', async () => {
  const { jobs, now } = create();
  assert.equal(now(deflated(Buffer.alloc(16_384)))?.length, 16_384);
  assert.equal(now(deflated(Buffer.alloc(16_385))), undefined);
  assert.equal(now(deflated(Buffer.alloc(100)), NONE, 100)?.length, 100);
  assert.equal(now(deflated(Buffer.alloc(101)), NONE, 100), undefined);
  assert.equal(now(deflated(Buffer.alloc(101)), NONE, 1), undefined);
  assert.equal((await jobs.run(deflated(Buffer.alloc(16_385)), NONE)).length, 16_385);
  jobs.codec.close();
});

test('CP-01: a bomb in a small frame takes little memory at once', () => {
  const bomb = deflated(Buffer.alloc(3 * 2 ** 20));
  assert.ok(bomb.length <= 4096);
  const { jobs, now } = create();
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 20; i++) assert.equal(now(bomb), undefined);
  const growth = process.memoryUsage().arrayBuffers - before;
  assert.ok(growth < 2 ** 20, `${growth} bytes more`);
  jobs.codec.close();
});

test('input of more than 4 KiB is for the pool', () => {
  const { jobs, now } = create();
  const stored = (length: number) =>
    Buffer.concat([
      hex('00'),
      Buffer.from(Uint16Array.of(length, ~length).buffer),
      Buffer.alloc(length),
      hex('000000ffff'),
    ]);
  assert.equal(now(stored(4096 - 10))?.length, 4086);
  assert.equal(now(stored(4096 - 9)), undefined);
  jobs.codec.close();
});

test('CP-07: corrupt and truncated data, at every length, are for the pool to report', async () => {
  for (const text of ['00 05 00 00 00', '07', 'ff ff ff ff', 'f2 48 cd 06', '00 10 00 ef ff 61']) {
    const { jobs, now } = create();
    assert.equal(now(hex(text), TAIL), undefined, text);
    await assert.rejects(jobs.run(hex(text), TAIL), Error, text);
  }
  const whole = deflated(Buffer.from('truncated truncated text '.repeat(9)));
  for (let length = 1; length < whole.length - 4; length++) {
    const { jobs, now } = create();
    assert.equal(now(whole.subarray(0, length), TAIL), undefined, `${length} bytes`);
    jobs.codec.close();
  }
});

test('CP-07: at once and in the pool the same bytes are a message, and the same message', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.nat(200)).map(([content, length]) => {
      return deflated(content).subarray(0, length);
    }),
  );
  await fc.assert(
    fc.asyncProperty(bytes, fc.boolean(), async (bytes, withTail) => {
      const ending = withTail ? TAIL : NONE;
      const { jobs, now } = create(9);
      const output = now(bytes, ending);
      jobs.codec.close();
      if (output === undefined) return;
      assert.deepEqual(await create(9).jobs.run(bytes, ending), Buffer.from(output));
    }),
    { numRuns: 1000 },
  );
});

test('CP-09: a final block at the end is a message; more behind it is for the pool', async () => {
  const { jobs, now } = create();
  assert.equal(textOf(now(deflated(Buffer.from('Hello'), Z_FINISH), TAIL)), 'Hello');
  assert.equal(now(hex('f3480500 cbc9c90700 00'), TAIL), undefined);
  assert.equal((await jobs.run(hex('f3480500 cbc9c90700 00'), TAIL)).toString(), 'Hello');
  assert.equal(now(hex('0300'.repeat(18)), TAIL), undefined);
  await assert.rejects(jobs.run(hex('0300'.repeat(18)), TAIL), RangeError);
});

test('CP-05: when the time of a turn is used up, a message is for the pool', async () => {
  let ms = 0;
  const loopTime = new LoopTime(3, () => ms++);
  const { jobs, now } = create(12, loopTime);
  assert.equal(textOf(now(hex('f248cdc9c90700'), TAIL)), 'Hello');
  assert.equal(now(hex('07'), TAIL), undefined);
  assert.equal(textOf(now(hex('f200110000'), TAIL)), 'Hello');
  assert.equal(loopTime.left, false, 'what failed counts as well');
  assert.equal(now(hex('f200110000'), TAIL), undefined);
  assert.equal((await jobs.run(hex('f200110000'), TAIL)).toString(), 'Hello');
  jobs.codec.close();
});

/** Time of which each job takes all: the next one must wait. */
function usedUpByEach(): LoopTime {
  let ms = 0;
  return new LoopTime(1, () => ms++);
}

test('RFC 7692 §7.1.2: a small message for which there is no time waits, and shares the window', async () => {
  const { jobs, now } = create(12, usedUpByEach());
  assert.equal(textOf(now(hex('f248cdc9c90700'), TAIL)), 'Hello');
  assert.equal(now(hex('f200110000'), TAIL), undefined);
  assert.equal(textOf(await jobs.run(hex('f200110000'), TAIL)), 'Hello');
  assert.deepEqual(jobs.consumed, [5]);
  now(hex('07'), TAIL);
  await assert.rejects(jobs.run(hex('07'), TAIL), 'broken: that is for the pool to report');
});

test('RFC 7692 §7.2.2: the end of a message that was begun in the pool stays there', async () => {
  const { jobs, now } = create(12, usedUpByEach());
  assert.equal((await jobs.run(hex('f248cd'))).length <= 5, true);
  const first = jobs.outputLength;
  now(hex('07'), TAIL);
  const rest = await jobs.run(hex('c9c90700'), TAIL);
  assert.equal(first + rest.length, 5);
  now(hex('07'), TAIL);
  assert.equal(textOf(await jobs.run(hex('f200110000'), TAIL)), 'Hello');
  jobs.codec.close();
});

test('a message that waits can be held back, and ends when the inflater is closed', async () => {
  const { jobs, now } = create(12, usedUpByEach());
  now(hex('f248cdc9c90700'), TAIL);
  jobs.codec.pause();
  const paused = jobs.run(hex('f200110000'), TAIL);
  await turnOver();
  assert.equal(jobs.pieces.length, 0, 'paused before');
  jobs.codec.resume();
  assert.equal(textOf(await paused), 'Hello');
  now(hex('f200110000'), TAIL);
  const output = jobs.run(hex('f200110000'), TAIL);
  jobs.codec.pause();
  await turnOver();
  assert.equal(jobs.pieces.length, 0, 'paused meanwhile');
  jobs.codec.resume();
  assert.equal(textOf(await output), 'Hello');
  now(hex('f200110000'), TAIL);
  void jobs.run(hex('f200110000'), TAIL);
  jobs.codec.close();
  await turnOver();
  assert.equal(jobs.pieces.length, 0);
});
