import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { iterate, type Source } from '../../../src/connection/receiving/iterate.ts';

/** A source of these messages that counts what is asked of it. */
function sourceOf(...messages: readonly string[]): Source & { asked: number; left: number } {
  const rest = [...messages];
  return {
    asked: 0,
    left: 0,
    next() {
      this.asked++;
      return Promise.resolve(rest.shift());
    },
    leave() {
      this.left++;
    },
  };
}

describe('iterate()', () => {
  test('gives the messages until there are no more; an end is not a leaving', async () => {
    const source = sourceOf('a', '', 'c');
    const seen: unknown[] = [];
    for await (const message of iterate(source)) seen.push(message);
    assert.deepEqual(seen, ['a', '', 'c']);
    assert.deepEqual([source.asked, source.left], [4, 0]);
  });

  test('asks for nothing before it is asked', async () => {
    const source = sourceOf('a', 'b');
    const iterator = iterate(source);
    assert.equal(source.asked, 0);
    await iterator.next();
    assert.equal(source.asked, 1);
  });

  test('break leaves, once, and then it is over', async () => {
    const source = sourceOf('a', 'b');
    const iterator = iterate(source);
    for await (const message of iterator) {
      assert.equal(message, 'a');
      break;
    }
    assert.equal(source.left, 1);
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    await iterator.return?.();
    assert.deepEqual([source.asked, source.left], [1, 1]);
  });

  test('an exception in the loop leaves as well', async () => {
    const source = sourceOf('a', 'b');
    await assert.rejects(async () => {
      for await (const message of iterate(source)) throw new Error(typeof message);
    }, /^Error: string$/);
    assert.equal(source.left, 1);
  });

  test('return() after the end does not leave', async () => {
    const source = sourceOf();
    const iterator = iterate(source);
    await iterator.next();
    assert.deepEqual(await iterator.return?.(), { done: true, value: undefined });
    assert.equal(source.left, 0);
  });

  test('an end that is not clean is thrown', async () => {
    const next = (): Promise<undefined> => Promise.reject(new Error('1006'));
    const source: Source = { next, leave: () => assert.fail('left') };
    await assert.rejects(async () => {
      for await (const message of iterate(source)) assert.fail(typeof message);
    }, /^Error: 1006$/);
  });

  test('is its own iterator', () => {
    const iterator = iterate(sourceOf());
    assert.equal(iterator[Symbol.asyncIterator](), iterator);
  });
});
