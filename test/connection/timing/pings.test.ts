import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { CloseInfo } from '../../../src/connection/closing/close-info.ts';
import { Pings } from '../../../src/connection/timing/pings.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const info: CloseInfo = {
  code: 1006,
  reason: '',
  wasClean: false,
  initiator: 'network',
  phase: 'open',
  bufferedAmount: 0,
  retryable: true,
};

describe('RFC 6455 §5.5.3: Pings', () => {
  test('a Pong with the payload of a Ping gives its round trip', async () => {
    const clock = new VirtualClock();
    const pings = new Pings(clock);
    assert.equal(pings.lastRoundTripMs, undefined);
    const roundTrip = pings.roundTrip(bytes('a'));
    clock.advance(120);
    assert.equal(pings.answered(bytes('a')), 120);
    assert.equal(await roundTrip, 120);
    assert.equal(pings.lastRoundTripMs, 120);
  });

  test('a Pong that answers no Ping of ours has no round trip and changes nothing', async () => {
    const clock = new VirtualClock();
    const pings = new Pings(clock);
    const roundTrip = pings.roundTrip(bytes('a'));
    clock.advance(5);
    assert.equal(pings.answered(bytes('')), undefined);
    assert.equal(pings.answered(bytes('ab')), undefined);
    assert.equal(pings.lastRoundTripMs, undefined);
    assert.equal(pings.answered(bytes('a')), 5);
    assert.equal(pings.answered(bytes('a')), undefined);
    assert.equal(await roundTrip, 5);
  });

  test('answers all earlier ones too: a peer need only answer the latest', async () => {
    const clock = new VirtualClock();
    const pings = new Pings(clock);
    const first = pings.roundTrip(bytes('1'));
    clock.advance(10);
    const second = pings.roundTrip(bytes('2'));
    clock.advance(10);
    const third = pings.roundTrip(bytes('3'));
    clock.advance(10);
    assert.equal(pings.answered(bytes('2')), 20);
    assert.deepEqual([await first, await second], [30, 20]);
    clock.advance(10);
    assert.equal(pings.answered(bytes('3')), 20);
    assert.equal(await third, 20);
  });

  test('of two with the same payload the earlier one is answered first', async () => {
    const clock = new VirtualClock();
    const pings = new Pings(clock);
    const first = pings.roundTrip(bytes(''));
    clock.advance(10);
    const second = pings.roundTrip(bytes(''));
    clock.advance(10);
    assert.deepEqual([pings.answered(bytes('')), pings.answered(bytes(''))], [20, 10]);
    assert.deepEqual([await first, await second], [20, 10]);
  });

  test("the heartbeat's payloads differ, are short, and have a round trip as well", () => {
    const clock = new VirtualClock();
    const pings = new Pings(clock);
    const payloads = [pings.heartbeat(), pings.heartbeat(), pings.heartbeat()];
    assert.deepEqual(new Set(payloads.map((payload) => payload.join())).size, 3);
    assert.ok(payloads.every((payload) => payload.length <= 125));
    clock.advance(7);
    assert.equal(pings.answered(payloads[2] ?? bytes('')), 7);
    assert.equal(pings.lastRoundTripMs, 7);
  });

  test('every payload of 125 bytes is told from every other', async () => {
    const pings = new Pings(new VirtualClock());
    const all = Uint8Array.from({ length: 125 }, (_, index) => index * 2);
    const roundTrip = pings.roundTrip(all);
    const other = all.slice();
    other[124] = 1;
    assert.equal(pings.answered(other), undefined);
    assert.equal(pings.answered(all.slice()), 0);
    assert.equal(await roundTrip, 0);
  });

  test('a clock that took time back gives no negative round trip', () => {
    let now = 1_000;
    const pings = new Pings({ now: () => now, after: () => ({ cancel() {} }) });
    const payload = pings.heartbeat();
    now = 900;
    assert.equal(pings.answered(payload), 0);
  });

  test('an answer that cannot be read is given up after 20 s, and not while it can', async () => {
    const clock = new VirtualClock();
    const pings = new Pings(clock);
    const held = { up: false };
    const roundTrips = ['a', 'b'].map((text) => pings.roundTrip(bytes(text), () => held.up));
    clock.advance(30_000);
    held.up = true;
    clock.advance(9_999);
    assert.equal(pings.answered(bytes('a')), 39_999);
    clock.advance(1);
    const [first, second] = await Promise.allSettled(roundTrips);
    assert.equal(first?.status, 'fulfilled');
    assert.ok(second?.status === 'rejected');
    assert.equal(second.reason.code, 'ERR_TIMEOUT');
    assert.equal(pings.answered(bytes('b')), 40_000, 'it may come later');
    assert.equal(clock.pending, 0);
    const ended = pings.roundTrip(bytes('c'));
    pings.end(info);
    await assert.rejects(ended, { code: 'ERR_NOT_OPEN' });
    assert.equal(clock.pending, 0);
  });

  test('the end rejects whoever still waits, with the info', async () => {
    const pings = new Pings(new VirtualClock());
    pings.heartbeat();
    const roundTrip = pings.roundTrip(bytes('a'));
    pings.end(info);
    await assert.rejects(roundTrip, { name: 'ConnectionClosedError', code: 'ERR_NOT_OPEN', info });
    assert.equal(pings.answered(bytes('a')), undefined);
    pings.end(info);
  });

  test('a peer that never answers makes nothing grow: the oldest of 1 025 Pings is given up', async () => {
    const pings = new Pings(new VirtualClock());
    const given = Array.from({ length: 1_025 }, (_, index) => pings.roundTrip(bytes(`${index}`)));
    await assert.rejects(given[0] ?? Promise.resolve(), { code: 'ERR_TIMEOUT' });
    assert.equal(pings.answered(bytes('0')), undefined);
    assert.equal(pings.answered(bytes('1024')), 0);
    assert.equal(await given[1], 0);
    for (let count = 0; count < 2_000; count++) pings.heartbeat();
    assert.equal(pings.answered(bytes('1')), undefined);
  });
});
