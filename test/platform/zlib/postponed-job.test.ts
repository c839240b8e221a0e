import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOver } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { LoopTime } from '../../../src/platform/zlib/loop-time.ts';
import { PostponedJob } from '../../../src/platform/zlib/postponed-job.ts';

const input = Buffer.from('input');
const ending = Buffer.from('ending');
const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

/** A codec whose job on the thread gives this, and a turn in which no time is left. */
function setup(output: Uint8Array | undefined = Buffer.from('output')) {
  const events: string[] = [];
  let onPiece = () => {};
  const codec = {
    runNow(given: Uint8Array, end: Uint8Array, maxLength: number, forgets: boolean) {
      events.push(`now ${textOf(given)} ${textOf(end)} ${maxLength} ${forgets}`);
      return output;
    },
    runInPool(given: Uint8Array, end: Uint8Array | undefined) {
      events.push(`pool ${textOf(given)} ${textOf(end)}`);
    },
  };
  const sink = {
    onOutput(bytes: Uint8Array, consumed: number) {
      events.push(`output ${textOf(bytes)} of ${consumed}`);
      onPiece();
    },
    onDone: (error?: Error) => void events.push(`done ${error}`),
  };
  let ms = 0;
  const loopTime = new LoopTime(1, () => ms++);
  loopTime.end(loopTime.begin());
  const start = (end?: Uint8Array) => PostponedJob.start(codec, sink, loopTime, input, end);
  return { events, loopTime, start, during: (call: () => void) => (onPiece = call) };
}

const wholeJob = ['now input ending Infinity false', 'output output of 5', 'done undefined'];

test('a job for which there is no time is done on the thread in the next turn', async () => {
  const { events, start } = setup();
  assert.ok(start(ending));
  assert.deepEqual(events, []);
  await turnOver();
  assert.deepEqual(events, wholeJob);
});

test('a job is not postponed where there is time, nor where too many wait', () => {
  const { loopTime, start } = setup();
  while (!loopTime.crowded) assert.ok(start());
  assert.equal(start(), undefined);
  const { loopTime: quiet, start: startQuiet } = setup();
  return turnOver().then(() => {
    assert.equal(quiet.left, true);
    assert.equal(startQuiet(), undefined);
  });
});

test('a job without output is told to be done alone', async () => {
  const { events, start } = setup(Buffer.alloc(0));
  start();
  await turnOver();
  assert.deepEqual(events, ['now input  Infinity false', 'done undefined']);
});

test('a job that the thread refuses goes to the pool; pausing it is the pool’s affair then', async () => {
  const refusing = setup();
  const { events, start } = refusing;
  const codec = { runNow: () => undefined, runInPool: () => void events.push('pool') };
  const sink = { onOutput: () => {}, onDone: () => void events.push('done') };
  const job = PostponedJob.start(codec, sink, refusing.loopTime, input);
  await turnOver();
  job?.pause();
  job?.resume();
  await turnOver();
  assert.deepEqual(events, ['pool']);
  assert.equal(start(), undefined);
});

test('a pause holds the job back, or the news that it is done, until it is resumed', async () => {
  const { events, start, during } = setup();
  const job = start(ending);
  job?.pause();
  await turnOver();
  assert.deepEqual(events, []);
  during(() => job?.pause());
  job?.resume();
  assert.deepEqual(events, []);
  await turnOver();
  assert.deepEqual(events, wholeJob.slice(0, 2));
  job?.resume();
  job?.resume();
  assert.deepEqual(events, wholeJob.slice(0, 2));
  await turnOver();
  job?.pause();
  job?.resume();
  await turnOver();
  assert.deepEqual(events, wholeJob);
});

test('of a job that was dropped nothing more is heard, also during its output', async () => {
  const { events, start, during } = setup();
  const first = start(ending);
  first?.drop();
  first?.resume();
  const second = start(ending);
  during(() => second?.drop());
  await turnOver();
  await turnOver();
  assert.deepEqual(events, wholeJob.slice(0, 2));
});

test('a job that is over keeps no input, which may lie in a large read buffer', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { loopTime } = setup();
  const codec = { runNow: () => undefined, runInPool: () => {} };
  const sink = { onOutput: () => {}, onDone: () => {} };
  const start = (): [PostponedJob | undefined, WeakRef<ArrayBufferLike>] => {
    const read = new Uint8Array(65_536);
    return [PostponedJob.start(codec, sink, loopTime, read), new WeakRef(read.buffer)];
  };
  const [dropped, droppedInput] = start();
  const [made, madeInput] = start();
  dropped?.drop();
  await turnOver();
  await turnOver();
  collect();
  assert.deepEqual([droppedInput.deref(), madeInput.deref()], [undefined, undefined]);
  assert.ok(dropped && made);
});
