import assert from 'node:assert/strict';
import { beforeEach, describe, mock, test } from 'node:test';

import type { ConnectionOptions } from '../../../src/connection/options/options.ts';
import { Deadlines } from '../../../src/connection/timing/deadlines.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { optionsOf } from '../raw-peer.ts';

const off = { heartbeat: false } as const;

/** Deadlines that log what they do and when. */
function makeDeadlines(options: ConnectionOptions = {}) {
  const clock = new VirtualClock();
  const log: string[] = [];
  const note = (what: string): void => void log.push(`${clock.now()} ${what}`);
  // Each but the ping ends the connection.
  const end = (what: string): void => {
    note(what);
    deadlines.stop();
  };
  const deadlines: Deadlines = new Deadlines(clock, optionsOf('server', options), {
    ping: () => note('ping'),
    lost: ({ message }, limit) => end(`${limit}: ${message}`),
    fail: (code, reason, _error, limit) => end(`${limit}: ${code} ${reason}`),
    linger: () => end('linger'),
  });
  return { deadlines, clock, log };
}

/** Bytes inside a message and, unless said otherwise, inside a frame. */
const inside = (deadlines: Deadlines, bytes: number, begun = false, midFrame = true): void =>
  deadlines.onReceived(bytes, midFrame, true, begun);

// 0.5 stands for no spread at all.
beforeEach(() => {
  mock.restoreAll();
  mock.method(Math, 'random', () => 0.5);
});

describe('Deadlines: the heartbeat', () => {
  test('asks after the interval and gives up after the timeout', () => {
    const { clock, log } = makeDeadlines();
    clock.advance(44_999);
    assert.deepEqual(log, ['25000 ping']);
    clock.advance(1);
    assert.deepEqual(log, ['25000 ping', '45000 heartbeat: the peer gave no sign of life']);
  });

  test('any byte counts, before the ping and after it', () => {
    const { deadlines, clock, log } = makeDeadlines();
    clock.advance(20_000);
    deadlines.onReceived(1, false, false, false);
    clock.advance(24_999);
    assert.deepEqual(log, []);
    clock.advance(1);
    clock.advance(19_999);
    deadlines.onReceived(1, true, true, true);
    clock.advance(24_999);
    assert.deepEqual(log, ['45000 ping']);
  });

  test('an application that vouches counts like a byte', () => {
    const { deadlines, clock, log } = makeDeadlines();
    clock.advance(30_000);
    deadlines.markAlive();
    clock.advance(24_999);
    assert.deepEqual(log, ['25000 ping']);
    clock.advance(1);
    assert.deepEqual(log, ['25000 ping', '55000 ping']);
  });

  test('the interval is spread by up to 10 % either way', () => {
    for (const [random, due] of [
      [0, 22_500],
      [0.999_999, 27_500],
    ] as const) {
      mock.restoreAll();
      mock.method(Math, 'random', () => random);
      const { clock, log } = makeDeadlines();
      clock.advance(due - 1);
      assert.deepEqual(log, []);
      clock.advance(1);
      assert.equal(log.length, 1);
    }
  });

  test('false means no heartbeat, and nothing that waits on the clock', () => {
    const { clock, log } = makeDeadlines(off);
    assert.equal(clock.pending, 0);
    clock.advance(1_000_000);
    assert.deepEqual(log, []);
  });
});

describe('Deadlines: a message', () => {
  test('FG-09: may take messageTimeout, however much of it came at first', () => {
    const { deadlines, clock, log } = makeDeadlines(off);
    clock.advance(1_000);
    inside(deadlines, 1_048_575, true);
    clock.advance(29_999);
    assert.deepEqual(log, []);
    clock.advance(1);
    assert.deepEqual(log, ['31000 messageTimeout: 1008 the message took too long']);
  });

  test('goes on while 2 KiB/s arrive, and half its time at most after they do not', () => {
    const { deadlines, clock, log } = makeDeadlines(off);
    inside(deadlines, 1, true);
    for (let half = 1; half <= 4; half++) {
      clock.advance(14_000);
      inside(deadlines, 15 * 2_048);
      clock.advance(1_000);
      assert.deepEqual(log, []);
    }
    inside(deadlines, 15 * 2_048 - 1);
    clock.advance(14_999);
    assert.deepEqual(log, []);
    clock.advance(1);
    assert.deepEqual(log, ['75000 messageTimeout: 1008 the message took too long']);
  });

  test('who is too slow is given up once, also when the Close has to wait', () => {
    for (const timeouts of [{}, { stallTimeout: 10_000 }]) {
      const clock = new VirtualClock();
      let count = 0;
      const deadlines = new Deadlines(clock, optionsOf('server', { ...off, ...timeouts }), {
        ping() {},
        lost() {},
        fail: () => assert.equal(++count, 1),
        linger() {},
      });
      inside(deadlines, 100, true);
      clock.advance(60_000);
      assert.equal(count, 1);
    }
  });

  test('FG-09: the bytes of control frames bring no message to its end', () => {
    const { deadlines, clock, log } = makeDeadlines(off);
    inside(deadlines, 100, true);
    clock.advance(29_000);
    deadlines.onAside(100_000);
    inside(deadlines, 100_000);
    clock.advance(1_000);
    assert.deepEqual(log, ['30000 messageTimeout: 1008 the message took too long']);
  });

  test('the end of a message ends its clock; the next one has a clock of its own', () => {
    const { deadlines, clock, log } = makeDeadlines(off);
    inside(deadlines, 1, true);
    clock.advance(20_000);
    deadlines.onReceived(1, false, false, true);
    clock.advance(100_000);
    assert.deepEqual(log, []);
    inside(deadlines, 1, true);
    clock.advance(20_000);
    inside(deadlines, 1, true);
    clock.advance(29_999);
    assert.deepEqual(log, []);
    clock.advance(1);
    assert.equal(log.length, 1);
  });

  test('bytes that had waited begin a clock as well', () => {
    const { deadlines, clock, log } = makeDeadlines(off);
    deadlines.onDecoded(true, true, true);
    clock.advance(30_000);
    assert.equal(log.length, 1);
  });

  test('stallTimeout counts silence inside a frame, not between frames', () => {
    const { deadlines, clock, log } = makeDeadlines({ ...off, stallTimeout: 1_000 });
    inside(deadlines, 1, true, false);
    clock.advance(5_000);
    assert.deepEqual(log, []);
    inside(deadlines, 1);
    clock.advance(999);
    inside(deadlines, 1);
    clock.advance(999);
    assert.deepEqual(log, []);
    clock.advance(1);
    assert.deepEqual(log, ['6999 stallTimeout: 1001 the peer fell silent inside a frame']);
  });
});

describe('Deadlines: while this side is not reading', () => {
  test("the peer's clocks stand still, and start afresh at resume", () => {
    const { deadlines, clock, log } = makeDeadlines({ stallTimeout: 10_000 });
    inside(deadlines, 100, true);
    clock.advance(9_000);
    deadlines.stopReading(false);
    clock.advance(500_000);
    assert.deepEqual(log, []);
    deadlines.startReading();
    clock.advance(9_999);
    assert.deepEqual(log, []);
    clock.advance(1);
    assert.deepEqual(log, ['519000 stallTimeout: 1001 the peer fell silent inside a frame']);
  });

  test('FG-09: to be slowed gives a message no more time, another reason not to read does', () => {
    const { deadlines, clock, log } = makeDeadlines(off);
    inside(deadlines, 100, true);
    clock.advance(29_000);
    deadlines.stopReading(true);
    clock.advance(20_000);
    deadlines.stopReading(false);
    deadlines.stopReading(true);
    deadlines.startReading();
    clock.advance(29_000);
    deadlines.stopReading(true);
    clock.advance(5_000);
    assert.deepEqual(log, []);
    deadlines.startReading();
    clock.advance(0);
    assert.deepEqual(log, ['83000 messageTimeout: 1008 the message took too long']);
  });

  test('a ping that waited for its answer is forgotten', () => {
    const { deadlines, clock, log } = makeDeadlines();
    clock.advance(30_000);
    deadlines.stopReading(false);
    clock.advance(60_000);
    deadlines.startReading();
    clock.advance(25_000);
    assert.deepEqual(log, ['25000 ping', '115000 ping']);
  });

  test('reading again without having stopped is no sign of life', () => {
    const { deadlines, clock, log } = makeDeadlines();
    clock.advance(20_000);
    deadlines.startReading();
    clock.advance(5_000);
    assert.deepEqual(log, ['25000 ping']);
  });

  test('what this side sends has its time all the same', () => {
    const { deadlines, clock, log } = makeDeadlines();
    deadlines.stopReading(false);
    deadlines.onBlocked();
    clock.advance(30_000);
    assert.deepEqual(log, ['30000 backpressure.timeout: 1013 the peer took no bytes for too long']);
  });
});

describe('Deadlines: sending', () => {
  test('each byte that leaves gives more time; nothing that waits, no clock', () => {
    const { deadlines, clock, log } = makeDeadlines(off);
    deadlines.onBlocked();
    clock.advance(29_999);
    deadlines.onBlocked();
    clock.advance(29_999);
    deadlines.onUnblocked();
    clock.advance(100_000);
    assert.deepEqual(log, []);
  });

  test('too slow is the peer of which nothing left in time', () => {
    const { deadlines, clock, log } = makeDeadlines({ ...off, backpressure: { timeout: 70 } });
    deadlines.onBlocked();
    clock.advance(50);
    deadlines.onBlocked();
    clock.advance(69);
    assert.deepEqual(log, []);
    clock.advance(1);
    assert.deepEqual(log, ['120 backpressure.timeout: 1013 the peer took no bytes for too long']);
  });
});

describe('Deadlines: closing', () => {
  test('the answer to our Close is awaited for closeTimeout', () => {
    const { deadlines, clock, log } = makeDeadlines(off);
    clock.advance(100);
    deadlines.onCloseSent(false);
    clock.advance(4_999);
    assert.deepEqual(log, []);
    clock.advance(1);
    assert.deepEqual(log, ['5100 closeTimeout: the peer did not answer the Close']);
  });

  test('counted from the moment it left', () => {
    const { deadlines, clock, log } = makeDeadlines(off);
    deadlines.onBlocked();
    deadlines.onCloseSent(true);
    clock.advance(20_000);
    assert.deepEqual(log, []);
    deadlines.onUnblocked();
    clock.advance(4_999);
    assert.deepEqual(log, []);
    clock.advance(1);
    assert.deepEqual(log, ['25000 closeTimeout: the peer did not answer the Close']);
  });

  test('a Close that turns out not to have left begins anew, one that left does not', () => {
    for (const leaves of [true, false]) {
      const { deadlines, clock, log } = makeDeadlines(off);
      deadlines.onCloseSent(false);
      deadlines.closeLeaves = leaves;
      clock.advance(1_000);
      deadlines.onBlocked();
      clock.advance(2_000);
      deadlines.onUnblocked();
      clock.advance(10_000);
      assert.deepEqual(log, [
        `${leaves ? 8_000 : 5_000} closeTimeout: the peer did not answer the Close`,
      ]);
    }
  });

  test('when everything is said the transport may linger 1 s, and nothing else counts', () => {
    const { deadlines, clock, log } = makeDeadlines({ stallTimeout: 100 });
    inside(deadlines, 1, true);
    deadlines.onCloseSent(false);
    deadlines.onEnded(true, false);
    clock.advance(999);
    assert.deepEqual(log, []);
    clock.advance(1);
    assert.deepEqual(log, ['1000 linger']);
  });

  test('Behaviour 8: a Ping behind many bytes is waited for from when they have left', () => {
    const { deadlines, clock, log } = makeDeadlines({
      heartbeat: { interval: 10_000, timeout: 5_000 },
    });
    deadlines.onBlocked();
    clock.advance(10_000);
    assert.deepEqual(log.splice(0), ['10000 ping']);
    for (let count = 0; count < 10; count++) {
      clock.advance(4_900);
      deadlines.onBlocked();
    }
    deadlines.onUnblocked();
    clock.advance(4_900);
    assert.deepEqual(log, []);
    clock.advance(100);
    assert.deepEqual(log, ['64000 heartbeat: the peer gave no sign of life']);
  });

  test('Behaviour 12: after a clean end what was accepted still leaves, as slowly as the peer reads', () => {
    const { deadlines, clock, log } = makeDeadlines();
    deadlines.onBlocked();
    deadlines.onEnded(true, true);
    for (let count = 0; count < 10; count++) {
      clock.advance(29_000);
      deadlines.onBlocked();
    }
    deadlines.onUnblocked();
    clock.advance(999);
    assert.deepEqual(log, []);
    clock.advance(1);
    assert.deepEqual(log, ['291000 linger']);
  });

  test('after a clean end a peer that takes no bytes is dropped by backpressure.timeout', () => {
    const { deadlines, clock, log } = makeDeadlines();
    deadlines.onEnded(true, false);
    deadlines.onBlocked();
    clock.advance(29_999);
    assert.deepEqual(log, []);
    clock.advance(1);
    assert.deepEqual(log, ['30000 linger']);
  });

  test('after a failure the transport may linger 1 s, whatever waits', () => {
    const { deadlines, clock, log } = makeDeadlines();
    deadlines.onBlocked();
    deadlines.onEnded(false, true);
    deadlines.onBlocked();
    clock.advance(1_000);
    assert.deepEqual(log, ['1000 linger']);
  });

  test('stop() ends it all, and nothing starts again', () => {
    const { deadlines, clock, log } = makeDeadlines();
    deadlines.onCloseSent(false);
    deadlines.stop();
    inside(deadlines, 1, true);
    deadlines.onBlocked();
    deadlines.onEnded(false, true);
    assert.equal(clock.pending, 0);
    clock.advance(1_000_000);
    assert.deepEqual(log, []);
  });
});

test('Deadlines: traffic costs no timer', () => {
  const { deadlines, clock } = makeDeadlines();
  let planned = 0;
  const after = clock.after.bind(clock);
  mock.method(clock, 'after', (delay: number, task: () => void) => {
    planned++;
    return after(delay, task);
  });
  for (let count = 0; count < 10_000; count++) {
    deadlines.onReceived(100, true, true, count % 2 === 0);
    clock.advance(1);
  }
  assert.ok(planned <= 2, `${planned} timers`);
  assert.ok(clock.pending <= 1);
});
