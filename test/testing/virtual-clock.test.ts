import assert from 'node:assert/strict';
import test from 'node:test';

import { VirtualClock } from '../../src/testing/virtual-clock.ts';

test('a virtual clock stands still until it is advanced', () => {
  const clock = new VirtualClock();
  assert.equal(clock.now(), 0);
  clock.advance(250);
  assert.equal(clock.now(), 250);
});

test('a virtual clock runs tasks in order of time, each at its own time, none early', () => {
  const clock = new VirtualClock();
  const ran: [string, number][] = [];
  clock.after(20, () => ran.push(['b', clock.now()]));
  clock.after(10, () => ran.push(['a', clock.now()]));
  clock.after(20, () => ran.push(['c', clock.now()]));
  clock.advance(9);
  assert.deepEqual(ran, []);
  clock.advance(91);
  assert.deepEqual(ran, [
    ['a', 10],
    ['b', 20],
    ['c', 20],
  ]);
  assert.equal(clock.now(), 100);
});

test('a virtual clock runs tasks planned by tasks within the same advance', () => {
  const clock = new VirtualClock();
  const ran: number[] = [];
  const again = (): void => {
    ran.push(clock.now());
    clock.after(10, again);
  };
  clock.after(10, again);
  clock.advance(35);
  assert.deepEqual(ran, [10, 20, 30]);
});

test('a cancelled deadline of a virtual clock never runs, one after Infinity neither', () => {
  const clock = new VirtualClock();
  const deadline = clock.after(10, () => assert.fail('it was cancelled'));
  clock.after(Infinity, () => assert.fail('it is never due'));
  assert.equal(clock.pending, 1);
  deadline.cancel();
  deadline.cancel();
  assert.equal(clock.pending, 0);
  clock.advance(1e9);
});
