import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Backlog, keepsBack } from '../../../src/connection/sending/backlog.ts';

type Policy = 'close' | 'drop-newest' | 'drop-oldest' | 'conflate';

function makeBacklog(policy: Policy) {
  const drops: number[] = [];
  const options = { soft: 10, hard: 30, policy, timeout: 1_000 } as const;
  return { drops, backlog: new Backlog(options, (bytes) => void drops.push(bytes)) };
}

const texts = (backlog: Backlog): unknown[] => backlog.takeAll().map(({ payload }) => payload);

test('only the policies that may drop what was accepted keep messages back', () => {
  assert.deepEqual([keepsBack('close'), keepsBack('drop-newest')], [false, false]);
  for (const policy of ['drop-oldest', 'conflate'] as const) {
    const { backlog } = makeBacklog(policy);
    assert.equal(keepsBack(policy), true);
    assert.equal(backlog.holds(9), false);
    assert.equal(backlog.holds(10), true);
    backlog.add('x', undefined, 10);
    assert.equal(backlog.holds(0), true, 'nothing overtakes what waits');
  }
});

test('messages leave in order, while less than the soft mark waits ahead', () => {
  const { backlog } = makeBacklog('drop-oldest');
  for (const text of ['a', 'bé']) assert.equal(backlog.add(text, undefined, 10), true);
  assert.deepEqual([backlog.length, backlog.empty], [4, false]);
  assert.equal(backlog.next(10), undefined);
  assert.equal(backlog.next(9)?.payload, 'a');
  assert.equal(backlog.next(9)?.length, 3);
  assert.deepEqual([backlog.next(0), backlog.length, backlog.empty], [undefined, 0, true]);
});

test('the oldest go until less than the hard mark is buffered in all', () => {
  const { backlog, drops } = makeBacklog('drop-oldest');
  for (const size of [5, 6, 7]) backlog.add('x'.repeat(size), undefined, 15);
  assert.deepEqual(drops, [], 'below the hard mark any size is taken');
  assert.equal(backlog.add('new', undefined, 15), true);
  assert.deepEqual(drops, [5]);
  assert.deepEqual(texts(backlog), ['xxxxxx', 'xxxxxxx', 'new']);
});

test('without anything to drop the new message is dropped', () => {
  const { backlog, drops } = makeBacklog('conflate');
  assert.equal(backlog.add('é', { key: 'k' }, 30), false);
  assert.deepEqual([drops, backlog.empty], [[2], true]);
});

test('a key replaces what waits under it, and only that', () => {
  const { backlog, drops } = makeBacklog('conflate');
  backlog.add('a', { key: 'one' }, 10);
  backlog.add('b', { key: 'two' }, 10);
  backlog.add('c', undefined, 10);
  backlog.add('dd', { key: 'one' }, 10);
  assert.deepEqual([drops, backlog.length], [[1], 4]);
  assert.deepEqual(texts(backlog), ['b', 'c', 'dd']);
  backlog.add('e', { key: 'one' }, 10);
  assert.deepEqual(drops, [1], 'what left is not replaced');
});

test('a key means nothing to the other policies', () => {
  const { backlog, drops } = makeBacklog('drop-oldest');
  backlog.add('a', { key: 'one' }, 10);
  backlog.add('b', { key: 'one' }, 10);
  assert.deepEqual([drops, texts(backlog)], [[], ['a', 'b']]);
});

test('100,000 messages are replaced and dropped in linear time', () => {
  const drops = { count: 0 };
  const options = { soft: 10, hard: 1_000, policy: 'conflate', timeout: 1_000 } as const;
  const backlog = new Backlog(options, () => drops.count++);
  for (let index = 0; index < 100_000; index++) {
    backlog.add('xxxxxxxxxx', { key: String(index % 5_000) }, 10);
  }
  assert.equal(drops.count + backlog.takeAll().length, 100_000);
});

test('abandoned, it forgets the messages but not how much they were', () => {
  const { backlog } = makeBacklog('drop-oldest');
  backlog.add('abc', undefined, 10);
  backlog.abandon();
  assert.deepEqual([backlog.length, backlog.empty], [3, true]);
});
