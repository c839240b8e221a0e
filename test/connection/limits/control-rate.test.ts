import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ControlRate } from '../../../src/connection/limits/control-rate.ts';
import { Hold } from '../../../src/connection/receiving/reading.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';

const defaults = { burst: 200, rate: 50, timeout: 10_000 };

/** A peer that may send control frames whenever this side reads. */
function makeControlRate(limit = defaults) {
  const clock = new VirtualClock();
  const log: string[] = [];
  const state = { held: false, frames: 0 };
  const control = new ControlRate(
    limit,
    {
      hold(reason) {
        assert.equal(reason, Hold.Controlled);
        state.held = true;
      },
      release: () => void (state.held = false),
    },
    clock,
    {
      onLimit: () => void log.push(`limit at ${clock.now()}`),
      onExceeded: () => void log.push(`exceeded at ${clock.now()}`),
    },
  );
  /** Sends as many frames as are read, for a time. */
  const flood = (milliseconds: number): void => {
    const end = clock.now() + milliseconds;
    for (;;) {
      while (!state.held) {
        control.onFrame();
        state.frames++;
      }
      if (clock.now() >= end || log.length > 1) return;
      clock.advance(10);
    }
  };
  const trickle = (frames: number, interval: number): void => {
    for (let count = 0; count < frames; count++) {
      assert.equal(state.held, false);
      control.onFrame();
      clock.advance(interval);
    }
  };
  return { control, clock, log, state, flood, trickle };
}

describe('ControlRate', () => {
  test('the burst passes at once, the next frame waits for the rate', () => {
    const { control, clock, state, log } = makeControlRate();
    for (let count = 0; count < 199; count++) control.onFrame();
    assert.equal(state.held, false);
    control.onFrame();
    assert.equal(state.held, true);
    assert.deepEqual(log, ['limit at 0']);
    clock.advance(20);
    assert.equal(state.held, false);
  });

  test('the rate may be kept up for ever', () => {
    const { trickle, log } = makeControlRate();
    trickle(3_000, 20);
    assert.deepEqual(log, []);
  });

  test('FC-07: a flood is slowed to the rate, and given up after 10 s', () => {
    const { flood, log, state, clock } = makeControlRate();
    flood(60_000);
    assert.deepEqual(log, ['limit at 0', 'exceeded at 10000']);
    assert.equal(clock.now(), 10_000);
    assert.ok(state.frames >= 690 && state.frames <= 702, `${state.frames} frames`);
  });

  test('a peer that keeps to the rate for a second begins anew', () => {
    const { flood, trickle, log, clock } = makeControlRate();
    flood(9_500);
    clock.advance(40);
    trickle(60, 20);
    flood(9_500);
    assert.equal(log.length, 2);
    assert.ok(log.every((line) => line.startsWith('limit')));
  });

  test('a slow rate does not pass for calm', () => {
    const { flood, log } = makeControlRate({ burst: 1, rate: 1, timeout: 5_000 });
    flood(20_000);
    assert.deepEqual(log, ['limit at 0', 'exceeded at 5000']);
  });

  test('with an infinite timeout it only slows', () => {
    const { flood, log } = makeControlRate({ burst: 10, rate: 50, timeout: Infinity });
    flood(60_000);
    assert.deepEqual(log, ['limit at 0']);
  });

  test('after the end no deadline is left', () => {
    const { control, clock } = makeControlRate({ burst: 1, rate: 1, timeout: 5_000 });
    control.onFrame();
    control.end();
    assert.equal(clock.pending, 0);
  });
});
