import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Delivery, type DeliveryOwner } from '../../../src/connection/receiving/delivery.ts';
import { ReceiveQueue } from '../../../src/connection/receiving/receive-queue.ts';
import { deferred, settle } from '../raw-peer.ts';

/** A delivery of texts that logs what happens; `answer` is what the handler does with one. */
function makeDelivery({
  answer = () => undefined,
  concurrency = 1,
  limit = 1_000,
  onRelease = () => {},
}: {
  answer?: (text: string) => unknown;
  concurrency?: number;
  limit?: number;
  onRelease?: () => void;
} = {}) {
  const log: string[] = [];
  const queue = new ReceiveQueue(limit, {
    hold: () => log.push('hold'),
    release: onRelease,
    onTaken() {},
  });
  const owner = {
    createQueue: () => queue,
    deliver: (data: string | Uint8Array) => {
      log.push(String(data));
      return answer(String(data));
    },
    onError: (error: unknown) => void log.push(`error ${String(error)}`),
    onFinished: () => void log.push('finished'),
  };
  const delivery = new Delivery(owner, concurrency);
  const push = (...texts: readonly string[]): void => {
    for (const text of texts) delivery.push(text, undefined, undefined);
  };
  return { delivery, log, push, queue };
}

/** Promises by message, to be settled by hand. */
function answers() {
  const byText = new Map<string, ReturnType<typeof deferred<void>>>();
  const answer = (text: string): Promise<void> => {
    const made = deferred();
    byText.set(text, made);
    return made.promise;
  };
  const settleOne = (text: string): void => {
    byText.get(text)?.resolve();
    byText.delete(text);
  };
  return { answer, settleOne, byText };
}

describe('Delivery', () => {
  test('keeps everything until it is started, then hands over at once', () => {
    const { delivery, log, push, queue } = makeDelivery();
    push('a', 'b');
    assert.deepEqual(log, []);
    delivery.start();
    push('c');
    assert.deepEqual(log, ['a', 'b', 'c']);
    assert.equal(queue.empty, true);
  });

  test('hands bits and piece over as they came, queued or not', () => {
    const seen: unknown[] = [];
    const queue = new ReceiveQueue(1_000, { hold() {}, release() {}, onTaken() {} });
    const owner: DeliveryOwner = {
      createQueue: () => queue,
      deliver: (...args) => void seen.push(args),
      onError() {},
      onFinished() {},
    };
    const delivery = new Delivery(owner, 1);
    const bits = { rsv: 2, opcode: 1 };
    const piece = { type: 'binary', first: true, last: false, remaining: 5 } as const;
    delivery.push('a', bits, undefined);
    delivery.start();
    delivery.push(new Uint8Array(1), undefined, piece);
    assert.deepEqual(seen, [
      ['a', bits, undefined],
      [new Uint8Array(1), undefined, piece],
    ]);
  });

  test('has no queue until something has to wait', () => {
    let made = 0;
    const owner: DeliveryOwner = {
      createQueue: () => {
        made++;
        return new ReceiveQueue(1_000, { hold() {}, release() {}, onTaken() {} });
      },
      deliver() {},
      onError() {},
      onFinished() {},
    };
    const delivery = new Delivery(owner, 1);
    delivery.start();
    delivery.push('a', undefined, undefined);
    assert.deepEqual([made, delivery.size], [0, 0]);
    delivery.pause();
    delivery.push('b', undefined, undefined);
    delivery.push('c', undefined, undefined);
    assert.equal(made, 1);
    assert.ok(delivery.size > 2);
    assert.deepEqual(delivery.clear(), { messages: 2, bytes: 2 });
    assert.equal(delivery.size, 0);
  });

  test('lets later messages wait while a promise is pending', async () => {
    const { answer, settleOne } = answers();
    const { delivery, log, push } = makeDelivery({ answer });
    delivery.start();
    push('a', 'b', 'c');
    assert.deepEqual(log, ['a']);
    settleOne('a');
    await settle(1);
    assert.deepEqual(log, ['a', 'b']);
    settleOne('b');
    await settle(1);
    assert.deepEqual(log, ['a', 'b', 'c']);
  });

  test('with a concurrency has so many calls pending', async () => {
    const { answer, settleOne } = answers();
    const { delivery, log, push } = makeDelivery({ answer, concurrency: 2 });
    delivery.start();
    push('a', 'b', 'c', 'd');
    assert.deepEqual(log, ['a', 'b']);
    settleOne('b');
    await settle(1);
    assert.deepEqual(log, ['a', 'b', 'c']);
  });

  test('what a handler pushes, or its release lets in, does not overtake', () => {
    const more = ['x', 'y'];
    const { delivery, log, push } = makeDelivery({
      limit: 0,
      answer: (text) => (text === 'a' ? push('b', 'c') : undefined),
      onRelease: () => push(...more.splice(0, 1)),
    });
    push('a');
    delivery.start();
    assert.deepEqual(
      log.filter((line) => line !== 'hold'),
      ['a', 'x', 'b', 'c', 'y'],
    );
  });

  test('a pause holds back, also inside a handler; resume goes on', () => {
    const { delivery, log, push } = makeDelivery({
      answer: (text) => (text === 'b' ? delivery.pause() : undefined),
    });
    push('a', 'b', 'c');
    delivery.start();
    push('d');
    assert.deepEqual(log, ['a', 'b']);
    delivery.resume();
    assert.deepEqual(log, ['a', 'b', 'c', 'd']);
  });

  test('the end comes after everything was handled, once', async () => {
    const { answer, settleOne } = answers();
    const { delivery, log, push } = makeDelivery({ answer });
    delivery.start();
    push('a', 'b');
    delivery.end();
    settleOne('a');
    await settle(1);
    assert.deepEqual(log, ['a', 'b']);
    settleOne('b');
    await settle(1);
    delivery.resume();
    assert.deepEqual(log, ['a', 'b', 'finished']);
  });

  test('the end waits for the start, and ends a pause for good', () => {
    const { delivery, log, push } = makeDelivery({ answer: () => delivery.pause() });
    delivery.pause();
    push('a', 'b');
    delivery.end();
    assert.deepEqual(log, []);
    delivery.start();
    assert.deepEqual(log, ['a', 'b', 'finished']);
  });

  test('an error is told, sync or async, and the next message comes all the same', async () => {
    const { delivery, log, push } = makeDelivery({
      answer: (text) => {
        if (text === 'a') throw new Error('a broke');
        return text === 'b' ? Promise.reject(new Error('b broke')) : undefined;
      },
    });
    push('a', 'b', 'c');
    delivery.start();
    await settle(1);
    assert.deepEqual(log, ['a', 'error Error: a broke', 'b', 'error Error: b broke', 'c']);
  });

  test('once stopped it calls nobody any more, and the end still comes', async () => {
    const { answer, settleOne } = answers();
    const { delivery, log, push, queue } = makeDelivery({ answer });
    delivery.start();
    push('a', 'b');
    delivery.stop();
    push('c');
    delivery.end();
    assert.equal(queue.empty, true);
    assert.deepEqual(log, ['a']);
    settleOne('a');
    await settle(1);
    assert.deepEqual(log, ['a', 'finished']);
  });

  test('a handler that stops it is the last one called, whatever waits', () => {
    const { delivery, log, push, queue } = makeDelivery({ answer: () => delivery.stop() });
    push('a', 'b', 'c');
    delivery.start();
    assert.deepEqual(log, ['a']);
    assert.equal(queue.empty, true);
  });

  test('an end that comes inside a handler follows it', () => {
    const { delivery, log, push } = makeDelivery({ answer: () => delivery.end() });
    delivery.start();
    push('a');
    assert.deepEqual(log, ['a', 'finished']);
  });
});
