import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOver } from 'node:timers/promises';
import { constants, inflateRawSync } from 'node:zlib';

import fc from 'fast-check';

import { createDeflater, createInflater } from '../../../src/platform/node-zlib.ts';
import { KeptStreams } from '../../../src/platform/zlib/kept-streams.ts';
import { LoopTime } from '../../../src/platform/zlib/loop-time.ts';
import { CodecJobs } from '../codec-jobs.ts';
import { readDeflate } from '../read-deflate.ts';

const { Z_SYNC_FLUSH } = constants;
const NONE = Buffer.alloc(0);
const SMALL = 4096;
const TAIL = '0000ffff';

interface Setup {
  readonly windowBits?: number;
  readonly level?: number;
  readonly kept?: KeptStreams;
  readonly loopTime?: LoopTime;
}

function create({ windowBits = 12, level = 6, kept, loopTime }: Setup = {}) {
  const jobs = new CodecJobs((sink) =>
    createDeflater({ windowBits, level, memoryLevel: 5 }, sink, undefined, kept, loopTime),
  );
  const now = (input: Uint8Array, forgets = false) =>
    jobs.codec.runNow?.(input, NONE, Infinity, forgets);
  return { jobs, now };
}

/** Time that is never short: what is too slow on a busy machine would go to the pool. */
const allTheTime = () => new LoopTime(Infinity);

const hexOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');
const text = (length: number) => Buffer.alloc(length, 'the quick brown fox 0123456789 ');

test('RFC 7692 §7.2.1: a small job is done at once and flushed, also an empty one', () => {
  const { jobs, now } = create({ loopTime: allTheTime() });
  assert.equal(hexOf(now(Buffer.from('Hello'))), `f248cdc9c90700${TAIL}`);
  assert.equal(hexOf(now(Buffer.from('Hello'))), `f200110000${TAIL}`);
  assert.equal(hexOf(now(NONE)), `00${TAIL}`);
  jobs.codec.close();
  assert.equal(jobs.copies.length, 0, 'the sink hears nothing');
});

test('RFC 7692 §7.1.1: what a job forgot is in no window', () => {
  const { jobs, now } = create({ loopTime: allTheTime() });
  now(Buffer.from('Hello'), true);
  assert.equal(hexOf(now(Buffer.from('Hello'))), `f248cdc9c90700${TAIL}`);
  jobs.codec.close();
});

test('RFC 7692 §7.1.2: jobs at once and in the pool, in any order, share one window', async () => {
  const input = fc
    .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(60)), { maxLength: 9 })
    .map((parts) =>
      Buffer.concat(parts.map(([bytes, n]) => Buffer.alloc(bytes.length * n, bytes))),
    );
  const steps = fc.array(fc.tuple(input, fc.boolean()), { minLength: 1, maxLength: 8 });
  const bits = fc.integer({ min: 8, max: 15 });
  await fc.assert(
    fc.asyncProperty(bits, fc.nat(9), fc.nat(1), steps, async (windowBits, level, limit, steps) => {
      const kept = new KeptStreams(limit);
      const { jobs, now } = create({ windowBits, level, kept, loopTime: allTheTime() });
      const back = new CodecJobs((sink) => createInflater(windowBits, sink));
      const compressed = [];
      for (const [bytes, small] of steps) {
        const output = (small ? now(bytes) : undefined) ?? (await jobs.run(bytes));
        compressed.push(Buffer.from(output));
        assert.deepEqual(await back.run(output, NONE), bytes);
      }
      const { maxDistance } = readDeflate(Buffer.concat(compressed));
      assert.ok(maxDistance <= (windowBits === 8 ? 250 : 2 ** windowBits), `${maxDistance}`);
      jobs.codec.close();
      back.codec.close();
    }),
    { numRuns: 150 },
  );
});

test('RFC 7692 §7.2.1: what cannot be compressed is whole at once as well', () => {
  const { jobs, now } = create({ level: 0, loopTime: allTheTime() });
  let state = 1;
  const noise = Uint8Array.from({ length: SMALL }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
  const output = now(noise) ?? assert.fail('it was not done');
  assert.deepEqual(inflateRawSync(output, { finishFlush: Z_SYNC_FLUSH }), Buffer.from(noise));
  jobs.codec.close();
});

test('a job is for the pool when it is large, or its dictionary is', async () => {
  const { jobs, now } = create({ windowBits: 15, loopTime: allTheTime() });
  assert.equal(now(text(SMALL + 1)), undefined);
  assert.ok(now(text(SMALL)));
  await jobs.run(text(8192 - SMALL));
  assert.ok(now(text(1)), 'a window of 8 KiB');
  assert.equal(now(text(1)), undefined, 'a window of more');
  jobs.codec.close();
  assert.ok(now(text(1)), 'no window any more');
});

test('CP-05: when the time of a turn is used up, a job is for the pool', async () => {
  const { jobs, now } = create({ loopTime: new LoopTime(0) });
  assert.equal(now(Buffer.from('Hello')), undefined);
  assert.equal((await jobs.run(Buffer.from('Hello'))).toString('hex'), `f248cdc9c90700${TAIL}`);
  jobs.codec.close();
});

/** Time of which each job takes all: the next one must wait. */
function usedUpByEach(): LoopTime {
  let ms = 0;
  return new LoopTime(1, () => ms++);
}

test('RFC 7692 §7.1.2: a small job for which there is no time waits, and shares the window', async () => {
  const kept = new KeptStreams(0);
  const { jobs, now } = create({ loopTime: usedUpByEach(), kept });
  assert.equal(hexOf(now(Buffer.from('Hello'))), `f248cdc9c90700${TAIL}`);
  assert.equal(now(Buffer.from('Hello')), undefined);
  assert.equal(hexOf(await jobs.run(Buffer.from('Hello'))), `f200110000${TAIL}`);
  assert.deepEqual(jobs.consumed, [5]);
  const long = text(SMALL + 1);
  const output = await jobs.run(long);
  const dictionary = Buffer.from('HelloHello');
  assert.deepEqual(inflateRawSync(output, { dictionary, finishFlush: Z_SYNC_FLUSH }), long);
  jobs.codec.close();
});

test('a job that waits can be held back, and ends when the deflater is closed', async () => {
  const { jobs, now } = create({ loopTime: usedUpByEach() });
  now(Buffer.from('Hello'));
  const output = jobs.run(Buffer.from('Hello'));
  jobs.codec.pause();
  await turnOver();
  assert.equal(jobs.pieces.length, 0);
  jobs.codec.resume();
  assert.equal(hexOf(await output), `f200110000${TAIL}`);
  now(Buffer.from('Hello'));
  void jobs.run(Buffer.from('Hello'));
  jobs.codec.close();
  await turnOver();
  assert.equal(jobs.pieces.length, 0);
});

test('its time is counted, also of a job that fails; that one is for the pool to report', async () => {
  let now = 0;
  const loopTime = new LoopTime(3, () => now++);
  const broken = create({ level: 99, loopTime });
  for (let i = 0; i < 3; i++) {
    assert.equal(loopTime.left, true);
    assert.equal(broken.now(Buffer.from('Hello')), undefined);
  }
  assert.equal(loopTime.left, false);
  await assert.rejects(broken.jobs.run(Buffer.from('Hello')), RangeError);
});
