import assert from 'node:assert/strict';
import { test } from 'node:test';

import { directionsOf, faultsRule, noFaults, resolveFaults } from '../../src/testing/faults.ts';

test('faults are laid over those in force, checked and frozen', () => {
  const first = resolveFaults({ delay: 10, cut: { after: 5 } }, noFaults);
  assert.deepEqual(first, { ...noFaults, delay: 10, cut: { after: 5, by: 'rst' } });
  assert.deepEqual(resolveFaults({ throttle: 0, cut: false }, first), {
    ...noFaults,
    delay: 10,
    throttle: 0,
  });
  assert.equal(resolveFaults({ throttle: Infinity }, noFaults).throttle, Infinity);
  assert.ok(Object.isFrozen(first));
  assert.deepEqual(resolveFaults(undefined, noFaults), noFaults);
});

const wrong: readonly [object, string, string][] = [
  [{ delay: -1 }, 'RangeError', 'upstream.delay must be an integer from 0 to 2147483647'],
  [{ throttle: '1k' }, 'TypeError', 'upstream.throttle must be an integer of at least 0 or Inf'],
  [{ split: 0 }, 'RangeError', 'upstream.split must be an integer of at least 1, but is 0'],
  [{ corrupt: 1.1 }, 'RangeError', 'upstream.corrupt must be a number from 0 to 1, but is 1.1'],
  [{ corrupt: true }, 'TypeError', 'upstream.corrupt must be a number from 0 to 1, but is true'],
  [{ corrupt: NaN }, 'RangeError', 'upstream.corrupt must be a number from 0 to 1, but is NaN'],
  [{ hold: 1 }, 'TypeError', 'upstream.hold must be true or false, but is 1'],
  [{ cut: { after: -1 } }, 'RangeError', 'upstream.cut.after must be an integer of at least 0'],
  [{ cut: { by: 'x' } }, 'RangeError', 'upstream.cut.by must be one of "fin", "rst", "hold"'],
  [{ cuts: 1 }, 'TypeError', 'unknown option upstream.cuts; allowed are delay, throttle, split'],
];

for (const [given, name, message] of wrong) {
  test(`a wrong fault is an error that names it: ${message.slice(0, 40)}`, () => {
    assert.throws(
      () => faultsRule(given, 'upstream'),
      (error: Error) => error.name === name && error.message.startsWith(message),
    );
  });
}

test('a direction is one of two, or both', () => {
  assert.deepEqual(directionsOf('upstream'), ['upstream']);
  assert.deepEqual(directionsOf(undefined), ['upstream', 'downstream']);
  assert.throws(() => directionsOf('down' as 'upstream'), /^RangeError: direction must be one of/);
});
