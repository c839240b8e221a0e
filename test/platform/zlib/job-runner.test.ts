import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOver } from 'node:timers/promises';
import { constants, createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib';

import { JobRunner } from '../../../src/platform/zlib/job-runner.ts';
import { LoopTime } from '../../../src/platform/zlib/loop-time.ts';
import { Turns } from '../../../src/platform/zlib/turns.ts';
import type { ZlibOwner } from '../../../src/platform/zlib/zlib-worker.ts';

const input = Buffer.from('input');
const ending = Buffer.from('ending');

/** A runner, a log of what it told its codec and sink, and the codec's part in a job. */
function setup(create: ZlibOwner['create'] = makeDeflater) {
  const events: string[] = [];
  let wake = () => {};
  let onConsumed = () => {};
  const note = (event: string): void => {
    events.push(event);
    wake();
  };
  const codec = {
    runNow(given: Uint8Array) {
      note(`now ${String(given)}`);
      return Buffer.from('output');
    },
    runInPool(given: Uint8Array, end: Uint8Array | undefined) {
      note(`pool ${String(given)} ${String(end)}`);
      runner.runInPool(given);
    },
    create: (given: number) => {
      events.push('stream');
      return create(given);
    },
    onOutput: () => {},
    onConsumed: (left: number) => {
      note(`consumed ${left}`);
      onConsumed();
    },
    onFailed: (error: Error) => note(`failed ${error.message}`),
  };
  const sink = { onOutput: () => note('output'), onDone: () => note('done') };
  let ms = 0;
  const loopTime = new LoopTime(1, () => ms++);
  const runner: JobRunner = new JobRunner(codec, sink, new Turns(1), loopTime);
  return {
    events,
    runner,
    /** No time is left in this turn. */
    useUp: () => loopTime.end(loopTime.begin()),
    next: () => new Promise<void>((resolve) => (wake = resolve)),
    whenConsumed: (call: () => void) => void (onConsumed = call),
  };
}

const makeDeflater = () => createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
const inPool = [`pool ${String(input)} ${String(ending)}`, 'stream', 'consumed 0'];
const onThread = [`now ${String(input)}`, 'output', 'done'];

for (const [job, small, busy] of [
  ['a small job for which there is time', true, false],
  ['a job that is not small', false, true],
] as const) {
  test(`${job} is for the pool`, async () => {
    const { events, runner, useUp, next } = setup();
    if (busy) useUp();
    runner.run(input, ending, small);
    await next();
    assert.deepEqual(events, inPool);
    assert.equal(runner.consumed, input.length);
    runner.drop();
  });
}

test('a small job for which there is no time waits for the next turn, and makes no stream', async () => {
  const { events, runner, useUp } = setup();
  useUp();
  runner.run(input, undefined, true);
  assert.deepEqual(events, []);
  await turnOver();
  assert.deepEqual(events, onThread);
});

test('a pause holds a job back wherever it is done, until it is resumed', async () => {
  const { events, runner, useUp, next } = setup();
  runner.resume();
  useUp();
  runner.run(input, ending, true);
  runner.pause();
  await turnOver();
  assert.deepEqual(events, []);
  runner.resume();
  await turnOver();
  assert.deepEqual(events, onThread);
  runner.pause();
  runner.run(input, ending, false);
  await turnOver();
  assert.deepEqual(events.slice(3), inPool.slice(0, 1));
  const consumed = next();
  runner.resume();
  await consumed;
  assert.deepEqual(events.slice(3), inPool);
  runner.drop();
});

test('a small job that starts while all is held back is for the pool, which holds it', async () => {
  const { events, runner, useUp, next } = setup();
  runner.pause();
  useUp();
  runner.run(input, ending, true);
  await turnOver();
  assert.deepEqual(events, inPool.slice(0, 1));
  const consumed = next();
  runner.resume();
  await consumed;
  assert.deepEqual(events, inPool);
  runner.drop();
});

test('a job that was dropped reports nothing, be it in the pool or waiting', async () => {
  const { events, runner, useUp, next } = setup();
  runner.run(input, ending, false);
  runner.drop();
  useUp();
  runner.run(input, ending, true);
  runner.drop();
  await turnOver();
  await turnOver();
  assert.deepEqual(events, inPool.slice(0, 2));
  const consumed = next();
  runner.runInPool(input);
  await consumed;
  assert.deepEqual(events.slice(2), inPool.slice(1));
  runner.drop();
});

test('a job that waits goes on when the stream is dropped', async () => {
  const { events, runner, useUp } = setup();
  useUp();
  runner.run(input, ending, true);
  runner.dropStream();
  await turnOver();
  assert.deepEqual(events, onThread);
});

test('RFC 7692 §7.2.3.4: a job goes on behind a final block with another stream', async () => {
  const { events, runner, next, whenConsumed } = setup(() => createInflateRaw());
  const final = deflateRawSync(input);
  let first = true;
  whenConsumed(() => {
    if (!first) return;
    first = false;
    assert.equal(runner.consumed, final.length);
    runner.continueAfresh();
  });
  runner.runInPool(Buffer.concat([final, final]));
  await next();
  await next();
  assert.deepEqual(events, ['stream', `consumed ${final.length}`, 'stream', 'consumed 0']);
  runner.drop();
});
