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

test('pass() lets what a task set in motion come to rest before time goes on', async () => {
  const clock = new VirtualClock();
  const ran: [string, number][] = [];
  clock.after(10, () => {
    void Promise.resolve().then(() => ran.push(['settled', clock.now()]));
    clock.after(10, () => ran.push(['planned', clock.now()]));
  });
  await clock.pass(30);
  assert.deepEqual(ran, [
    ['settled', 10],
    ['planned', 20],
  ]);
  assert.equal(clock.now(), 30);
});

test('a virtual clock is never early, whatever fractions it is given', () => {
  const clock = new VirtualClock();
  const due = 65_237.719_928_104_59 + 60_000;
  let early = 0;
  const check = (): void => {
    if (clock.now() >= due) return;
    early++;
    clock.after(due - clock.now(), check);
  };
  check();
  clock.advance(200_000);
  assert.equal(early, 1);
  assert.equal(clock.pending, 0);
});
