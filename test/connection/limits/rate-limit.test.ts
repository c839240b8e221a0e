import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { RateLimit } from '../../../src/connection/limits/rate-limit.ts';
import { Hold } from '../../../src/connection/receiving/reading.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';

/** A rate limit whose reading stands or goes. */
function makeRateLimit(limits: { messages?: number; bytes?: number }) {
  const clock = new VirtualClock();
  const state = { held: false, limits: 0, releases: [] as number[] };
  const rate = new RateLimit(
    { messages: Infinity, bytes: Infinity, ...limits },
    {
      hold(reason) {
        assert.equal(reason, Hold.RateLimited);
        assert.equal(state.held, false);
        state.held = true;
      },
      release() {
        assert.equal(state.held, true);
        state.held = false;
        state.releases.push(clock.now());
      },
    },
    clock,
    () => void state.limits++,
  );
  return { rate, clock, state };
}

describe('RateLimit', () => {
  test("messages: one second's worth at once, then at the rate", () => {
    const { rate, clock, state } = makeRateLimit({ messages: 5 });
    for (let count = 1; count <= 5; count++) {
      assert.equal(state.held, false, `message ${count}`);
      rate.onMessage();
    }
    assert.deepEqual([state.held, state.limits], [true, 1]);
    clock.advance(199);
    assert.equal(state.held, true);
    clock.advance(1);
    assert.equal(state.held, false);
    rate.onMessage();
    assert.deepEqual([state.held, state.limits], [true, 2]);
    clock.advance(200);
    assert.deepEqual(state.releases, [200, 400]);
  });

  test('bytes: a read that is too much pauses reading until all of it is paid', () => {
    const { rate, clock, state } = makeRateLimit({ bytes: 1_000 });
    rate.onBytes(999);
    assert.equal(state.held, false);
    rate.onBytes(2_001);
    assert.equal(state.held, true);
    clock.advance(2_000);
    assert.equal(state.held, true);
    clock.advance(1);
    assert.equal(state.held, false);
  });

  test('both: reading goes on when there are tokens of both', () => {
    const { rate, clock, state } = makeRateLimit({ messages: 1, bytes: 100 });
    rate.onMessage();
    rate.onBytes(399);
    assert.equal(state.limits, 1);
    clock.advance(2_999);
    assert.equal(state.held, true);
    clock.advance(1);
    assert.equal(state.held, false);
  });

  test('what is not limited is not counted', () => {
    const messages = makeRateLimit({ messages: 1 });
    messages.rate.onBytes(1e9);
    assert.equal(messages.state.held, false);
    const bytes = makeRateLimit({ bytes: 1 });
    for (let count = 0; count < 100; count++) bytes.rate.onMessage();
    assert.equal(bytes.state.held, false);
  });

  test('the end lets go and leaves no deadline', () => {
    const { rate, clock, state } = makeRateLimit({ messages: 1 });
    rate.onMessage();
    assert.equal(clock.pending, 1);
    rate.end();
    assert.equal(clock.pending, 0);
    assert.equal(state.held, false);
  });
});
