import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Turns } from '../../../src/platform/zlib/turns.ts';

function open(limit: number) {
  const turns = new Turns(limit);
  const started: string[] = [];
  const task = (name: string) => () => void started.push(name);
  return { turns, started, task };
}

test('as many tasks as the limit run at once, the others in the order in which they asked', () => {
  const { turns, started, task } = open(2);
  for (const name of ['a', 'b', 'c', 'd', 'e']) turns.enter(task(name));
  assert.deepEqual(started, ['a', 'b']);
  turns.leave();
  assert.deepEqual(started, ['a', 'b', 'c']);
  turns.leave();
  turns.leave();
  assert.deepEqual(started, ['a', 'b', 'c', 'd', 'e']);
  turns.leave();
  turns.leave();
  turns.enter(task('f'));
  turns.enter(task('g'));
  turns.enter(task('h'));
  assert.deepEqual(started.slice(5), ['f', 'g']);
});

test('a task that asks again gets its next turn behind those that wait', () => {
  const { turns, started, task } = open(1);
  const greedy = () => {
    started.push('greedy');
    turns.enter(greedy);
  };
  turns.enter(greedy);
  turns.enter(task('other'));
  turns.leave();
  turns.leave();
  turns.leave();
  assert.deepEqual(started, ['greedy', 'greedy', 'other', 'greedy']);
});

test('a task that waits can be taken back, one that was started cannot', () => {
  const { turns, started, task } = open(1);
  const [first, second] = [task('first'), task('second')];
  turns.enter(first);
  turns.enter(second);
  assert.equal(turns.cancel(first), false);
  assert.equal(turns.cancel(second), true);
  assert.equal(turns.cancel(second), false);
  turns.leave();
  assert.deepEqual(started, ['first']);
});
