import assert from 'node:assert/strict';
import test from 'node:test';

import { planFlush } from '../../src/transport/flush-plan.ts';

const tick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

test('all that was planned is flushed at the end of the tick, in order', async () => {
  const flushed: number[] = [];
  for (const each of [1, 2, 3]) planFlush({ flush: () => flushed.push(each) });
  assert.deepEqual(flushed, []);
  await tick();
  assert.deepEqual(flushed, [1, 2, 3]);
});

test('what is planned by a flush is flushed in the same phase, behind the others', async () => {
  const flushed: string[] = [];
  const later = { flush: () => flushed.push('later') };
  planFlush({
    flush: () => {
      flushed.push('first');
      planFlush(later);
    },
  });
  planFlush({ flush: () => flushed.push('second') });
  await new Promise(setImmediate);
  assert.deepEqual(flushed, ['first', 'second', 'later']);
});

test('a flush that throws holds up no other', async (t) => {
  const flushed: number[] = [];
  const failure = new Error('it broke');
  const caught = new Promise((resolve) => {
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', resolve);
    t.after(() => {
      for (const listener of listeners) process.on('uncaughtException', listener);
    });
  });
  planFlush({ flush: () => flushed.push(1) });
  planFlush({
    flush: () => {
      throw failure;
    },
  });
  planFlush({ flush: () => flushed.push(3) });
  assert.equal(await caught, failure);
  await new Promise(setImmediate);
  assert.deepEqual(flushed, [1, 3]);
});
