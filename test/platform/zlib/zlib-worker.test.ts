import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  deflateRawSync,
  type InflateRaw,
  type ZlibOptions,
} from 'node:zlib';

import { Turns } from '../../../src/platform/zlib/turns.ts';
import { type ZlibOwner, ZlibWorker } from '../../../src/platform/zlib/zlib-worker.ts';

const SLICE = 1024;

type Make = (options: ZlibOptions) => DeflateRaw | InflateRaw;

/** A worker and a log of what it told its owner. */
function open(turns: Turns, name: string, log: string[], make: Make = createDeflateRaw) {
  let wake = () => {};
  let made = 0;
  let output = 0;
  const note = (event: string) => {
    log.push(`${name} ${event}`);
    wake();
  };
  const hooks = { onConsumed: () => {} };
  const owner: ZlibOwner = {
    create: () => {
      made++;
      return make({ flush: constants.Z_SYNC_FLUSH });
    },
    onOutput: (bytes) => void (output += bytes.length),
    onConsumed: (left) => {
      note(`consumed ${left}`);
      hooks.onConsumed();
    },
    onFailed: (error) => note(`failed ${error.message}`),
  };
  const worker = new ZlibWorker(owner, turns, SLICE);
  const next = () => new Promise<void>((resolve) => (wake = resolve));
  return { worker, next, hooks, made: () => made, output: () => output };
}

/** Counts the turns that were asked for. */
class CountedTurns extends Turns {
  count = 0;

  override enter(task: () => void): void {
    this.count++;
    super.enter(task);
  }
}

test('a long job is worked off in slices, one turn each', async () => {
  const turns = new CountedTurns(1);
  const log: string[] = [];
  const { worker, next, output } = open(turns, 'a', log);
  const done = next();
  worker.run(Buffer.alloc(10 * SLICE + 1));
  await done;
  assert.equal(turns.count, 11);
  assert.ok(output() > 0);
  assert.equal(worker.consumed, 10 * SLICE + 1);
  assert.deepEqual(log, ['a consumed 0']);
  worker.drop();
});

test('short jobs of others pass between the slices of a long one; who waits has no stream', async () => {
  const turns = new Turns(1);
  const log: string[] = [];
  const long = open(turns, 'long', log);
  const short = open(turns, 'short', log);
  const done = long.next();
  long.worker.run(Buffer.alloc(100 * SLICE));
  short.worker.run(Buffer.alloc(SLICE));
  assert.deepEqual([long.made(), short.made()], [1, 0]);
  await done;
  assert.deepEqual(log, ['short consumed 0', 'long consumed 0']);
  long.worker.drop();
  short.worker.drop();
});

test('an empty job takes a turn as well', async () => {
  const log: string[] = [];
  const { worker, next } = open(new Turns(1), 'a', log);
  const done = next();
  worker.run(Buffer.alloc(0));
  await done;
  assert.deepEqual(log, ['a consumed 0']);
  worker.drop();
});

test('RFC 7692 §7.2.3.4: what stands behind a final block is told, and read by another stream', async () => {
  const final = deflateRawSync(Buffer.alloc(100));
  const log: string[] = [];
  const { worker, next, hooks, made } = open(new Turns(1), 'a', log, createInflateRaw);
  const end = Buffer.alloc(SLICE * 2 - final.length, 0xff);
  let consumed = 0;
  hooks.onConsumed = () => {
    ({ consumed } = worker);
    worker.continueAfresh();
  };
  worker.run(Buffer.concat([final, end]));
  await next();
  await next();
  assert.equal(consumed, final.length);
  assert.deepEqual(log, [`a consumed ${end.length}`, 'a failed invalid block type']);
  assert.equal(made(), 2);
});

for (const when of ['waits', 'runs'] as const) {
  test(`a pause while a job ${when} gives its turn to others; it goes on when resumed`, async () => {
    const turns = new Turns(1);
    const log: string[] = [];
    const paused = open(turns, 'paused', log);
    const other = open(turns, 'other', log);
    if (when === 'waits') other.worker.run(Buffer.alloc(9 * SLICE));
    paused.worker.run(Buffer.alloc(9 * SLICE));
    paused.worker.pause();
    const done = other.next();
    if (when === 'runs') other.worker.run(Buffer.alloc(9 * SLICE));
    await done;
    assert.deepEqual(log, ['other consumed 0']);
    assert.equal(paused.made(), when === 'runs' ? 1 : 0);
    const resumed = paused.next();
    paused.worker.resume();
    await resumed;
    assert.deepEqual(log, ['other consumed 0', 'paused consumed 0']);
    paused.worker.drop();
    other.worker.drop();
  });
}

test('a pause between two jobs holds the second back', async () => {
  const turns = new Turns(1);
  const log: string[] = [];
  const { worker, next } = open(turns, 'a', log);
  const other = open(turns, 'b', log);
  let done = next();
  worker.run(Buffer.alloc(10));
  await done;
  worker.pause();
  worker.run(Buffer.alloc(10));
  const later = other.next();
  other.worker.run(Buffer.alloc(10));
  await later;
  assert.deepEqual(log, ['a consumed 0', 'b consumed 0']);
  done = next();
  worker.resume();
  worker.resume();
  await done;
  assert.equal(log.at(-1), 'a consumed 0');
  worker.drop();
  other.worker.drop();
});

test('a job that is dropped gives its turn back and reports nothing, however often', async () => {
  const turns = new Turns(2);
  const log: string[] = [];
  const dropped = Array.from({ length: 20 }, (_, index) => open(turns, `dropped ${index}`, log));
  for (const { worker } of dropped) worker.run(Buffer.alloc(5 * SLICE));
  for (const { worker } of dropped) worker.drop();
  const { worker, next } = open(turns, 'a', log);
  const done = next();
  worker.run(Buffer.alloc(5 * SLICE));
  await done;
  assert.deepEqual(log, ['a consumed 0']);
  worker.drop();
});

test('CP-07: a job fails by its data or for want of memory, later than `run`, and gives its turn back', async () => {
  const turns = new Turns(1);
  const log: string[] = [];
  const corrupt = open(turns, 'corrupt', log, createInflateRaw);
  const poor = open(turns, 'poor', log, () => {
    throw new Error('Initialization failed');
  });
  const forgotten = open(turns, 'forgotten', log, () => {
    throw new Error('Initialization failed');
  });
  const failed = poor.next();
  corrupt.worker.run(Uint8Array.of(0x07));
  poor.worker.run(Uint8Array.of(0x07));
  assert.deepEqual(log, []);
  await failed;
  forgotten.worker.run(Uint8Array.of(0x07));
  forgotten.worker.drop();
  const { worker, next } = open(turns, 'a', log);
  const done = next();
  worker.run(Buffer.alloc(10));
  await done;
  assert.deepEqual(log, [
    'corrupt failed invalid block type',
    'poor failed Initialization failed',
    'a consumed 0',
  ]);
  worker.drop();
});
