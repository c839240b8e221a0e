import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  callable,
  duration,
  flag,
  integer,
  nested,
  oneOf,
  opaque,
  orFalse,
  resolveOptions,
  type Rule,
  text,
  unchecked,
  unknownOption,
  wrongType,
} from '../../../src/connection/options/option-rules.ts';

interface Options {
  readonly size: number;
  readonly inner: Readonly<{ on: boolean; name: string }>;
}

const defaults: Options = { size: 5, inner: { on: false, name: 'x' } };
const rules = { size: integer(1), inner: nested({ on: flag, name: text }, defaults.inner) };

const resolve = (given: object | undefined, scope?: string): Options =>
  resolveOptions<Options>(given, rules, defaults, scope);

/** What a rule makes of a value: itself, or the name of the error and its message. */
function judge<T>(rule: Rule<T>, value: unknown): unknown {
  try {
    return rule(value, 'it');
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof RangeError);
    return `${error.name}: ${error.message}`;
  }
}

describe('resolveOptions()', () => {
  test('completes from defaults, deep, and freezes', () => {
    assert.deepEqual(resolve(undefined), defaults);
    const resolved = resolve({ inner: { on: true } });
    assert.deepEqual(resolved, { size: 5, inner: { on: true, name: 'x' } });
    assert.ok(Object.isFrozen(resolved) && Object.isFrozen(resolved.inner));
  });

  test('does not change what was given, nor the defaults', () => {
    const given = { size: 7, inner: { on: true } };
    const resolved = resolve(given);
    given.size = 8;
    given.inner.on = false;
    assert.deepEqual(resolved, { size: 7, inner: { on: true, name: 'x' } });
    assert.deepEqual(defaults, { size: 5, inner: { on: false, name: 'x' } });
    assert.equal(Object.isFrozen(given), false);
  });

  test('undefined means not given, null does not', () => {
    assert.deepEqual(resolve({ size: undefined, inner: undefined }), defaults);
    assert.throws(() => resolve({ size: null }), /^TypeError: size must be .*, but is null$/);
  });

  test('an unknown option is an error that names it, its place and what is allowed', () => {
    assert.throws(() => resolve({ sise: 1 }), {
      name: 'TypeError',
      message: 'unknown option sise; allowed are size, inner',
    });
    assert.throws(() => resolve({ inner: { off: true } }), {
      name: 'TypeError',
      message: 'unknown option inner.off; allowed are on, name',
    });
    assert.throws(() => resolve({ sise: undefined }), TypeError);
  });

  test('what every object inherits is no option', () => {
    for (const key of ['toString', 'constructor', '__proto__']) {
      const given = Object.fromEntries([[key, 1]]);
      assert.throws(() => resolve(given), { message: new RegExp(`unknown option ${key}`) });
    }
    assert.deepEqual(resolve(Object.create({ sise: 1 })), defaults);
  });

  test('a wrong value is named with its place', () => {
    assert.throws(() => resolve({ inner: { on: 1 } }), /inner\.on must be true or false, but is 1/);
    assert.throws(() => resolve({ size: 0 }, 'scope'), /scope\.size must be an integer/);
  });

  test('anything but an object is refused', () => {
    for (const given of [null, 1, 'x', [], () => {}]) {
      assert.throws(
        () => resolve(given as object),
        /^TypeError: options must be an object, but is/,
      );
    }
    assert.throws(() => resolve({ inner: [] }), /inner must be an object, but is an array/);
  });
});

describe('rules', () => {
  test('integer(): the range, with or without Infinity', () => {
    const byte = integer(1, 255);
    assert.deepEqual(
      [1, 255].map((value) => judge(byte, value)),
      [1, 255],
    );
    for (const value of [0, 256, 1.5, NaN, Infinity, -Infinity]) {
      const expected = `RangeError: it must be an integer from 1 to 255, but is ${value}`;
      assert.equal(judge(byte, value), expected);
    }
    assert.match(String(judge(byte, '1')), /^TypeError: .*, but is "1"$/);
    assert.match(String(judge(byte, 1n)), /^TypeError/);
    assert.equal(judge(integer(1, undefined, true), Infinity), Infinity);
    assert.match(String(judge(integer(1, 5, true), 6)), /from 1 to 5 or Infinity, but is 6/);
    assert.match(String(judge(integer(2), 1)), /an integer of at least 2, but is 1/);
    assert.equal(judge(integer(0), Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
    assert.match(String(judge(integer(0), 2 ** 53)), /^RangeError/);
  });

  test('duration: above 0, no more than a timer can wait, or never', () => {
    for (const value of [0.5, 1, 0x7fff_ffff, Infinity])
      assert.equal(judge(duration, value), value);
    for (const value of [0, -1, 2 ** 31, NaN, -Infinity]) {
      assert.match(String(judge(duration, value)), /^RangeError: it must be a number of millisec/);
    }
    assert.match(String(judge(duration, '5')), /^TypeError/);
  });

  test('flag, text, callable() and opaque() take their own type and nothing like it', () => {
    const fn = (): void => {};
    const values = [true, 'x', fn, 0, null, undefined, {}];
    const accepted = (rule: Rule<unknown>): unknown[] =>
      values.filter((value) => !String(judge(rule, value)).startsWith('TypeError'));
    assert.deepEqual(accepted(flag), [true]);
    assert.deepEqual(accepted(text), ['x']);
    assert.deepEqual(accepted(callable()), [fn]);
    assert.deepEqual(accepted(unchecked()), values);
    assert.deepEqual(accepted(opaque('an object')), [values.at(-1)]);
    assert.match(
      String(judge(opaque('a tree'), [])),
      /^TypeError: it must be a tree, .* an array$/,
    );
  });

  test('oneOf(): lists the values', () => {
    const rule = oneOf('a', 2);
    assert.deepEqual([judge(rule, 'a'), judge(rule, 2)], ['a', 2]);
    assert.equal(judge(rule, 'b'), 'RangeError: it must be one of "a", 2, but is "b"');
  });

  test('orFalse(): false stays, true stands for defaults where there are some', () => {
    assert.deepEqual(
      [false, 5, true].map((value) => judge(orFalse(integer(1), 9), value)),
      [false, 5, 9],
    );
    assert.match(String(judge(orFalse(integer(1)), true)), /^TypeError: .* but is true$/);
  });
});

test('errors describe a value in a few words', () => {
  const words = ([] as unknown[]).concat('x'.repeat(200), [[]], () => {}, {}, null, Symbol('s'));
  assert.deepEqual(
    words.map((value) => wrongType('it', 'a number', value).message.split('but is ')[1]),
    [`"${'x'.repeat(100)}"`, 'an array', 'a function', 'an object', 'null', 'Symbol(s)'],
  );
  assert.equal(unknownOption('in', 'k', ['a']).message, 'unknown option in.k; allowed are a');
});
