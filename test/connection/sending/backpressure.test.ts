import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Backpressure, notOpen } from '../../../src/connection/sending/backpressure.ts';
import { WebSocketError } from '../../../src/protocol/errors.ts';
import { settle } from '../raw-peer.ts';

/** Marks of 10 and 100 bytes, and what was told. */
function makeBackpressure(policy: 'close' | 'drop-newest' = 'close') {
  const told = { drains: 0, dropped: [] as number[] };
  const options = { soft: 10, hard: 100, policy, timeout: 1_000 } as const;
  const backpressure = new Backpressure(options, {
    onDrained: () => told.drains++,
    onDroppedSlow: (...dropped) => told.dropped.push(...dropped),
  });
  return { backpressure, told };
}

const buffered = (bufferedAmount: number, bufferedAhead = bufferedAmount) => ({
  bufferedAmount,
  handedAmount: bufferedAmount,
  protocol: { bufferedBehind: bufferedAmount - bufferedAhead },
});

/** What became of a promise so far. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  let state = 'pending';
  promise.then(
    () => (state = 'resolved'),
    (error: WebSocketError) => (state = error.code),
  );
  await settle(1);
  return state;
}

describe('Backpressure', () => {
  test('tells once below the soft mark, and only whom it had stopped', () => {
    const { backpressure, told } = makeBackpressure();
    backpressure.onProgress(buffered(0));
    assert.deepEqual([told.drains, backpressure.watching], [0, false]);
    backpressure.stop();
    assert.equal(backpressure.watching, true);
    backpressure.onProgress(buffered(10));
    assert.deepEqual([told.drains, backpressure.watching], [0, true]);
    backpressure.onProgress(buffered(9));
    backpressure.onProgress(buffered(0));
    assert.deepEqual([told.drains, backpressure.watching], [1, false]);
  });

  test('drained() resolves below the soft mark, at once where that is so already', async () => {
    const { backpressure, told } = makeBackpressure();
    assert.equal(await stateOf(backpressure.drained(buffered(9))), 'resolved');
    const waiting = [backpressure.drained(buffered(10)), backpressure.drained(buffered(50))];
    backpressure.onProgress(buffered(10));
    assert.deepEqual(await Promise.all(waiting.map(stateOf)), ['pending', 'pending']);
    backpressure.onProgress(buffered(9));
    assert.deepEqual(await Promise.all(waiting.map(stateOf)), ['resolved', 'resolved']);
    assert.equal(told.drains, 1);
  });

  test('who sends fragments minds only what is ahead of them', async () => {
    const { backpressure, told } = makeBackpressure();
    assert.equal(await stateOf(backpressure.drained(buffered(50, 9), true)), 'resolved');
    const patient = backpressure.drained(buffered(50, 10), true);
    const other = backpressure.drained(buffered(50, 10));
    backpressure.onProgress(buffered(49, 9));
    assert.deepEqual([await stateOf(patient), await stateOf(other)], ['resolved', 'pending']);
    assert.deepEqual([told.drains, backpressure.watching], [0, true]);
    backpressure.onProgress(buffered(0));
    assert.deepEqual([await stateOf(other), told.drains], ['resolved', 1]);
  });

  test('closing rejects whoever waits to send, the end also whoever sends fragments', async () => {
    const { backpressure } = makeBackpressure();
    const other = backpressure.drained(buffered(50));
    const patient = backpressure.drained(buffered(50), true);
    backpressure.end(false);
    assert.deepEqual([await stateOf(other), await stateOf(patient)], ['ERR_NOT_OPEN', 'pending']);
    backpressure.end(true);
    assert.equal(await stateOf(patient), 'ERR_NOT_OPEN');
    backpressure.end(true);
  });

  test('a handler called by a drain may send and wait again', () => {
    const drains: number[] = [];
    const options = { soft: 10, hard: 100, policy: 'close', timeout: 1_000 } as const;
    const backpressure: Backpressure = new Backpressure(options, {
      onDrained: () => {
        drains.push(drains.length);
        backpressure.stop();
      },
      onDroppedSlow: () => assert.fail(),
    });
    backpressure.stop();
    backpressure.onProgress(buffered(0));
    assert.deepEqual([drains.length, backpressure.watching], [1, true]);
    backpressure.onProgress(buffered(0));
    assert.equal(drains.length, 2);
  });

  test('at the hard mark a message is dropped, a fragment or the policy `close` ends the rest', () => {
    for (const [policy, whole, expected, dropped] of [
      ['drop-newest', true, [true, 'hit backpressure.hard'], [1, 7]],
      ['drop-newest', false, [false, 'fail 1013 backpressure.hard'], []],
      ['close', true, [false, 'fail 1013 backpressure.hard'], []],
    ] as const) {
      const { backpressure, told } = makeBackpressure(policy);
      const log: unknown[] = [];
      const wire = {
        hit: (limit: string | undefined) => log.push(`hit ${limit}`),
        fail: (code: number, _: string, __: unknown, limit?: string) =>
          log.push(`fail ${code} ${limit}`),
      };
      log.unshift(backpressure.overflow(wire, 7, whole));
      assert.deepEqual(log, expected);
      assert.deepEqual(told.dropped, dropped);
      assert.deepEqual(backpressure.dropped, { messages: 1, bytes: 7 });
    }
  });

  test('counts what was dropped', () => {
    const { backpressure } = makeBackpressure();
    assert.deepEqual(backpressure.dropped, { messages: 0, bytes: 0 });
    backpressure.drop(1, 10);
    backpressure.drop(0, 5);
    assert.deepEqual(backpressure.dropped, { messages: 1, bytes: 15 });
  });
});

test('notOpen() is a WebSocketError with ERR_NOT_OPEN', () => {
  assert.ok(notOpen() instanceof WebSocketError);
  assert.equal(notOpen().code, 'ERR_NOT_OPEN');
});
