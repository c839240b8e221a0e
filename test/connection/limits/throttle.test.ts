import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Throttle } from '../../../src/connection/limits/throttle.ts';
import { Hold } from '../../../src/connection/receiving/reading.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';

/** A throttle on something that is there again at a point in time. */
function makeThrottle() {
  const clock = new VirtualClock();
  const log: string[] = [];
  const supply = { at: 0 };
  const throttle = new Throttle(
    Hold.RateLimited,
    {
      hold: (reason) => void log.push(`hold ${reason} at ${clock.now()}`),
      release: (reason) => void log.push(`release ${reason} at ${clock.now()}`),
    },
    clock,
    () => Math.max(0, supply.at - clock.now()),
  );
  return { throttle, clock, log, supply };
}

describe('Throttle', () => {
  test('reads on while there is something', () => {
    const { throttle, clock, log } = makeThrottle();
    assert.equal(throttle.check(), false);
    clock.advance(1_000);
    assert.deepEqual(log, []);
  });

  test('holds until there is something again', () => {
    const { throttle, clock, log, supply } = makeThrottle();
    supply.at = 100;
    assert.equal(throttle.check(), true);
    clock.advance(1_000);
    assert.deepEqual(log, ['hold 8 at 0', 'release 8 at 100']);
  });

  test('waits on when more was taken meanwhile, and holds once', () => {
    const { throttle, clock, log, supply } = makeThrottle();
    supply.at = 100;
    throttle.check();
    supply.at = 250;
    assert.equal(throttle.check(), false);
    clock.advance(1_000);
    assert.deepEqual(log, ['hold 8 at 0', 'release 8 at 250']);
  });

  test('holds anew from inside the release', () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    let due = 100;
    const throttle: Throttle = new Throttle(
      Hold.RateLimited,
      {
        hold: () => void log.push(`hold at ${clock.now()}`),
        release: () => {
          log.push(`release at ${clock.now()}`);
          due += 100;
          if (due <= 300) assert.equal(throttle.check(), true);
        },
      },
      clock,
      () => Math.max(0, due - clock.now()),
    );
    throttle.check();
    clock.advance(1_000);
    assert.deepEqual(log, [
      'hold at 0',
      'release at 100',
      'hold at 100',
      'release at 200',
      'hold at 200',
      'release at 300',
    ]);
  });

  test('the end lets go and leaves no deadline behind', () => {
    const { throttle, clock, log, supply } = makeThrottle();
    supply.at = 100;
    throttle.check();
    throttle.end();
    assert.equal(clock.pending, 0);
    clock.advance(1_000);
    assert.deepEqual(log, ['hold 8 at 0', 'release 8 at 0']);
    throttle.end();
    makeThrottle().throttle.end();
  });
});
