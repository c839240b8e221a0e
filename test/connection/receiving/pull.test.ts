import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { CloseInfo } from '../../../src/connection/closing/close-info.ts';
import type { Message, Piece } from '../../../src/connection/handler.ts';
import { Pull } from '../../../src/connection/receiving/pull.ts';
import { ReceiveQueue } from '../../../src/connection/receiving/receive-queue.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { deferred } from '../raw-peer.ts';

const MIB = 1024 * 1024;

/** An end, clean or not. */
const end = (wasClean: boolean): CloseInfo => ({
  code: wasClean ? 1000 : 1006,
  reason: '',
  wasClean,
  initiator: 'peer',
  phase: 'open',
  bufferedAmount: 0,
  retryable: false,
});

/** A pull and what it told its connection. */
function makePull(limit = 100) {
  const clock = new VirtualClock();
  const log: string[] = [];
  const queue = new ReceiveQueue(limit, {
    hold: () => log.push('hold'),
    release: () => log.push('release'),
    onTaken() {},
  });
  const dropped = { messages: 0, bytes: 0 };
  const pull = new Pull(
    queue,
    clock,
    (pieces) => log.push(pieces ? 'pieces' : 'whole'),
    (messages, bytes) => {
      dropped.messages += messages;
      dropped.bytes += bytes;
    },
  );
  const push = (data: Message, piece?: Piece): void => pull.push({ data, bits: undefined, piece });
  return { pull, push, clock, log, dropped };
}

const piece = (first: boolean, last: boolean): Piece => ({
  type: 'binary',
  first,
  last,
  remaining: last ? 0 : 7,
});

describe('Pull', () => {
  test('gives what came before at once, and what comes later to who asked first', async () => {
    const { pull, push } = makePull();
    push('a');
    push('b');
    assert.deepEqual([await pull.receive({}), await pull.receive(undefined)], ['a', 'b']);
    const waiting = [pull.receive({}), pull.receive({}), pull.receive({})];
    push('c');
    push('');
    push(new Uint8Array(1));
    assert.deepEqual(await Promise.all(waiting), ['c', '', new Uint8Array(1)]);
  });

  test('holds the peer back by its queue, not while somebody waits', async () => {
    const { pull, push, log } = makePull(10);
    const waiting = pull.receive({});
    push('x'.repeat(50));
    await waiting;
    assert.deepEqual(log, ['whole']);
    push('y');
    assert.deepEqual(log, ['whole', 'hold']);
    await pull.receive({});
    assert.deepEqual(log, ['whole', 'hold', 'release']);
  });

  test('a clean end comes after the messages, for everyone and for good', async () => {
    const { pull, push } = makePull();
    push('a');
    pull.end(end(true));
    assert.equal(await pull.receive({}), 'a');
    assert.equal(await pull.receive({}), undefined);
    assert.equal(await pull.receive({ pieces: true }), undefined);
    const other = makePull().pull;
    const waiting = [other.receive({}), other.receive({})];
    other.end(end(true));
    assert.deepEqual(await Promise.all(waiting), [undefined, undefined]);
  });

  test('any other end rejects after the messages, with the info', async () => {
    const { pull, push } = makePull();
    push('a');
    pull.end(end(false));
    assert.equal(await pull.receive({}), 'a');
    const rejects = { name: 'ConnectionClosedError', code: 'ERR_NOT_OPEN', info: end(false) };
    await assert.rejects(pull.receive({}), rejects);
    const other = makePull().pull;
    const waiting = other.receive({});
    other.end(end(false));
    await assert.rejects(waiting, rejects);
  });
});

describe('receive({ timeout, signal })', () => {
  test('gives up at the timeout, no earlier; nothing is lost by it', async () => {
    const { pull, push, clock } = makePull();
    let settled = false;
    const waiting = pull.receive({ timeout: 300 }).finally(() => (settled = true));
    waiting.catch(() => {});
    await clock.pass(299);
    assert.equal(settled, false);
    clock.advance(1);
    await assert.rejects(waiting, { code: 'ERR_TIMEOUT', message: /within 300 ms/ });
    push('late');
    assert.equal(await pull.receive({ timeout: 300 }), 'late');
    assert.equal(clock.pending, 0);
  });

  test('who gave up does not stand in the way of who waits behind', async () => {
    const { pull, push, clock } = makePull();
    const first = pull.receive({ timeout: 10 });
    const second = pull.receive({});
    clock.advance(10);
    await assert.rejects(first, { code: 'ERR_TIMEOUT' });
    push('a');
    assert.equal(await second, 'a');
  });

  test("an aborted signal rejects with its reason, before and while waiting, and isn't kept", async () => {
    const { pull, push, clock } = makePull();
    const controller = new AbortController();
    const { signal } = controller;
    const heard = pull.receive({ signal });
    push('a');
    assert.equal(await heard, 'a');
    const waiting = pull.receive({ signal, timeout: 1_000 });
    const reason = new Error('enough');
    controller.abort(reason);
    await assert.rejects(waiting, reason);
    assert.equal(clock.pending, 0);
    push('b');
    await assert.rejects(pull.receive({ signal }), reason);
    assert.equal(await pull.receive({}), 'b');
  });

  test('wrong options are thrown at once and name the option', () => {
    const { pull } = makePull();
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ timeout: 0 }, /^RangeError: receive\.timeout must be/],
      [{ timeout: '1' }, /^TypeError: receive\.timeout must be/],
      [{ signal: {} }, /^TypeError: receive\.signal must be an AbortSignal/],
      [{ pieces: 1 }, /^TypeError: receive\.pieces must be true or false/],
      [{ timeOut: 1 }, /^TypeError: unknown option receive\.timeOut/],
    ];
    for (const [options, message] of wrong) assert.throws(() => pull.receive(options), message);
  });

  test('a forgotten promise is silent', async () => {
    const { pull, clock } = makePull();
    const unhandled = deferred<unknown>();
    process.once('unhandledRejection', unhandled.resolve);
    void pull.receive({ timeout: 1 });
    clock.advance(1);
    const outcome = await Promise.race([unhandled.promise, clock.pass(0)]);
    process.removeListener('unhandledRejection', unhandled.resolve);
    assert.equal(outcome, undefined);
  });
});

describe('receive({ pieces: true })', () => {
  test('tells the connection how messages are wanted, when that changes', async () => {
    const { pull, push, log } = makePull(1_000);
    for (const text of ['a', 'b', 'c', 'd']) push(text);
    await pull.receive({});
    await pull.receive({});
    await pull.receive({ pieces: true });
    await pull.receive({});
    assert.deepEqual(log, ['whole', 'pieces', 'whole']);
  });

  test('whoever waits for a whole message is told, whoever waits behind for pieces gets them', async () => {
    const { pull, push } = makePull();
    const waiting = [false, false, true, true].map((pieces) => pull.receive({ pieces }));
    push(new Uint8Array(1), piece(true, false));
    push(new Uint8Array(2), piece(false, true));
    const [first, second, third, fourth] = await Promise.allSettled(waiting);
    assert.deepEqual([first?.status, second?.status], ['rejected', 'rejected']);
    const pulled = [third, fourth].map((one) => one?.status === 'fulfilled' && one.value);
    const { type, remaining } = piece(true, true);
    assert.deepEqual(pulled, [
      { bytes: new Uint8Array(1), type, first: true, last: false, remaining: 7 },
      { bytes: new Uint8Array(2), type, first: false, last: true, remaining },
    ]);
  });

  test('gives pieces as they are, and a whole message as its own only piece', async () => {
    const { pull, push } = makePull();
    push('dré');
    push(new Uint8Array(2));
    push(new Uint8Array(3), piece(true, false));
    const only = { first: true, last: true, remaining: 0 };
    const pulled = [1, 2, 3].map(() => pull.receive({ pieces: true }));
    assert.deepEqual(await Promise.all(pulled), [
      { ...only, type: 'text', bytes: new TextEncoder().encode('dré') },
      { ...only, type: 'binary', bytes: new Uint8Array(2) },
      { first: true, last: false, remaining: 7, type: 'binary', bytes: new Uint8Array(3) },
    ]);
  });

  test('who wants whole messages is not given a piece, which stays', async () => {
    const { pull, push } = makePull();
    const waiting = pull.receive({});
    push(new Uint8Array(3), piece(true, false));
    await assert.rejects(waiting, /^TypeError: .*pull it with \{ pieces: true \}/);
    await assert.rejects(pull.receive({}), TypeError);
    const pulled = await pull.receive({ pieces: true });
    assert.ok(typeof pulled === 'object' && 'bytes' in pulled);
    assert.equal(pulled.bytes.length, 3);
  });
});

describe('Behaviour 6: while closing', () => {
  test('a full queue takes more, up to 16 MiB; then nothing any more, so there is no hole', async () => {
    const { pull, push, dropped } = makePull(100);
    pull.close();
    for (let count = 0; count < 16; count++) push(new Uint8Array(MIB));
    assert.deepEqual(dropped, { messages: 0, bytes: 0 });
    push('dré');
    push(new Uint8Array(5), piece(true, false));
    push(new Uint8Array(5), piece(false, true));
    assert.deepEqual(dropped, { messages: 2, bytes: 14 });
    pull.end(end(true));
    for (let count = 0; count < 16; count++) assert.ok(await pull.receive({}));
    assert.equal(await pull.receive({}), undefined);
  });

  test('what follows something dropped is dropped as well, also when there is room again', async () => {
    const { pull, push, dropped } = makePull(100);
    pull.close();
    push(new Uint8Array(16 * MIB));
    push('dropped');
    await pull.receive({});
    const waiting = pull.receive({});
    push('too late');
    assert.equal(dropped.messages, 2);
    pull.end(end(true));
    assert.equal(await waiting, undefined);
  });

  test('a receive queue that is larger is filled first', () => {
    const { pull, push, dropped } = makePull(20 * MIB);
    pull.close();
    for (let count = 0; count < 20; count++) push(new Uint8Array(MIB));
    assert.equal(dropped.messages, 0);
    push('x');
    assert.equal(dropped.messages, 1);
  });

  test('an iteration that was left drops and counts what waits and what comes', async () => {
    const { pull, push, dropped, log } = makePull(10);
    push('x'.repeat(10));
    push('é');
    pull.leave();
    assert.deepEqual(log, ['hold', 'release']);
    assert.deepEqual(dropped, { messages: 2, bytes: 12 });
    push('abc');
    assert.deepEqual(dropped, { messages: 3, bytes: 15 });
    pull.end(end(true));
    assert.equal(await pull.receive({}), undefined);
  });
});
