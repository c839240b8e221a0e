import assert from 'node:assert/strict';
import { beforeEach, describe, mock, test } from 'node:test';

import { CoarseClock } from '../../../src/connection/timing/clock.ts';

/** How late a deadline may be: one slot, and what a timer's whole milliseconds add. */
const SLACK = 22;

/** The time as the clock under test sees it: timers fire when the test lets them. */
class Host {
  now = 1_000_003.4;
  timers = 0;
  /** What the sockets give between a timer and what was put off until they were read. */
  arrive: () => void = () => {};
  #task: (() => void) | undefined;
  #due = Infinity;

  install(): void {
    mock.method(performance, 'now', () => this.now);
    mock.method(globalThis, 'setTimeout', (task: () => void, delay: number) => {
      this.timers++;
      this.#task = task;
      // Node waits a whole number of milliseconds, and never less than one.
      this.#due = this.now + Math.max(1, Math.trunc(delay));
      return { unref: () => ({}) };
    });
    mock.method(globalThis, 'clearTimeout', () => (this.#due = Infinity));
    mock.method(globalThis, 'setImmediate', (task: () => void) => {
      this.arrive();
      task();
    });
  }

  /** Whether a timer is set. */
  get armed(): boolean {
    return this.#due < Infinity;
  }

  /** Lets time pass, timer by timer. */
  pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    while (this.#due <= end) this.#fire(this.#due);
    this.now = end;
  }

  /** The event loop stands still; then the timer that is due fires late. */
  stall(milliseconds: number): void {
    this.now += milliseconds;
    if (this.#due <= this.now) this.#fire(this.now);
  }

  #fire(at: number): void {
    this.now = at;
    this.#due = Infinity;
    this.#task?.();
  }
}

describe('CoarseClock', () => {
  let host = new Host();
  let clock = new CoarseClock();

  beforeEach(() => {
    mock.restoreAll();
    host = new Host();
    host.install();
    clock = new CoarseClock();
  });

  test('no deadline fires early, none later than a slot', () => {
    const lateness: number[] = [];
    for (const delay of [0, 0.3, 1, 19, 20, 21, 99.9, 1_000, 10_239, 10_240, 10_241, 25_000]) {
      const due = host.now + delay;
      clock.after(delay, () => lateness.push(host.now - due));
      host.pass(7.7);
    }
    host.pass(60_000);
    assert.equal(lateness.length, 12);
    for (const late of lateness) assert.ok(late >= 0 && late <= SLACK, `${late} ms late`);
  });

  test('a deadline further away than one turn of the wheel waits for its own turn', () => {
    let fired = 0;
    clock.after(30_000, () => fired++);
    clock.after(30_000 - 512 * 20, () => fired++);
    host.pass(19_700);
    assert.equal(fired, 0);
    host.pass(200);
    assert.equal(fired, 1);
    host.pass(10_000);
    assert.equal(fired, 1);
    host.pass(300);
    assert.equal(fired, 2);
  });

  test('an object is woken in the order of all others, unless it is cancelled', () => {
    const fired: string[] = [];
    class Named {
      readonly #name: string;

      constructor(name: string) {
        this.#name = name;
      }

      onDue(): void {
        fired.push(this.#name);
      }
    }
    clock.wake(90, new Named('c'));
    clock.after(50, () => fired.push('b'));
    clock.wake(10, new Named('a'));
    clock.wake(10, new Named('cancelled')).cancel();
    clock.wake(Infinity, new Named('never'));
    host.pass(200);
    assert.deepEqual(fired, ['a', 'b', 'c']);
  });

  test('what is cancelled does not fire; cancelling twice, or too late, is harmless', () => {
    const fired: string[] = [];
    const all = ['a', 'b', 'c'].map((name) => clock.after(50, () => fired.push(name)));
    all[1]?.cancel();
    all[1]?.cancel();
    host.pass(100);
    assert.deepEqual(fired.toSorted(), ['a', 'c']);
    for (const deadline of all) deadline.cancel();
    clock.after(50, () => fired.push('d'));
    host.pass(100);
    assert.deepEqual(fired.length, 3);
  });

  test('a task may cancel another that is due with it, and add new ones', () => {
    const fired: string[] = [];
    const plan = (name: string, other: () => void): ReturnType<CoarseClock['after']> =>
      clock.after(50, () => {
        fired.push(name);
        other();
        clock.after(0, () => fired.push('soon'));
        clock.after(500, () => fired.push('later'));
      });
    const first = plan('one of both', () => second.cancel());
    const second = plan('one of both', () => first.cancel());
    host.pass(120);
    assert.deepEqual(fired, ['one of both', 'soon']);
    host.pass(500);
    assert.deepEqual(fired, ['one of both', 'soon', 'later']);
  });

  test('Infinity is never, and costs no timer', () => {
    const deadline = clock.after(Infinity, () => assert.fail('fired'));
    assert.equal(host.armed, false);
    deadline.cancel();
  });

  test('many deadlines stand on one timer, which sleeps until the next is due', () => {
    let fired = 0;
    for (let count = 0; count < 10_000; count++) clock.after(25_000 + count / 100, () => fired++);
    assert.ok(host.timers <= 2, `${host.timers} timers`);
    host.pass(30_000);
    assert.equal(fired, 10_000);
    assert.ok(host.timers < 20, `${host.timers} timers`);
    assert.equal(host.armed, false);
  });

  test('a nearer deadline wakes it earlier', () => {
    const fired: number[] = [];
    clock.after(5_000, () => fired.push(5_000));
    clock.after(40, () => fired.push(40));
    host.pass(70);
    assert.deepEqual(fired, [40]);
    host.pass(5_000);
    assert.deepEqual(fired, [40, 5_000]);
  });

  test('time in which the event loop stood still does not count', () => {
    let fired = 0;
    clock.after(100, () => clock.after(1_000, () => fired++));
    clock.after(1_000, () => fired++);
    const before = clock.now();
    host.stall(60_000);
    assert.ok(clock.now() - before <= 120, `${clock.now() - before} ms counted`);
    assert.equal(fired, 0);
    host.pass(860);
    assert.equal(fired, 0);
    host.pass(100);
    assert.equal(fired, 1);
    host.pass(300);
    assert.equal(fired, 2);
  });

  test('what was due while the event loop stood still is judged a slot later', () => {
    const due: number[] = [];
    clock.after(100, () => due.push(host.now));
    const start = host.now;
    host.stall(10_000);
    assert.deepEqual(due, []);
    host.pass(50);
    assert.equal(due.length, 1);
    assert.ok((due[0] ?? 0) > start + 10_000);
  });

  test('FC-11: what came in time is read first, although the timer is the first to run', () => {
    let fired = 0;
    const deadline = clock.after(5_000, () => fired++);
    host.arrive = () => deadline.cancel();
    host.stall(5_300);
    assert.equal(fired, 0);
  });

  test('a deadline that is made while others are put off is not forgotten', () => {
    let fired = 0;
    clock.after(100, () => {});
    host.arrive = () => {
      host.arrive = () => {};
      clock.after(50, () => fired++);
    };
    host.pass(300);
    assert.equal(fired, 1);
  });

  test('a timer that is a little late is just late', () => {
    let fired = 0;
    clock.after(100, () => fired++);
    const before = clock.now();
    host.stall(500);
    assert.equal(fired, 1);
    assert.equal(clock.now() - before, 500);
  });
});

test('a deadline does not keep the process alive', () => {
  mock.restoreAll();
  const unrefed: boolean[] = [];
  const real = globalThis.setTimeout;
  mock.method(globalThis, 'setTimeout', (task: () => void, delay: number) => {
    const timer = real(task, delay);
    const { unref } = timer;
    timer.unref = () => {
      unrefed.push(true);
      return unref.call(timer);
    };
    return timer;
  });
  new CoarseClock().after(60_000, () => {}).cancel();
  mock.restoreAll();
  assert.deepEqual(unrefed, [true]);
});
