import assert from 'node:assert/strict';
import test from 'node:test';

import {
  checkSendOptions,
  type SendOptions,
} from '../../../src/connection/sending/send-options.ts';

test('checkSendOptions() lets its three options pass, and undefined as not given', () => {
  const passing: readonly object[] = [
    {},
    { compress: true, fin: false, key: 'x' },
    { compress: undefined, fin: undefined, key: undefined },
    { fin: true },
    { unknown: undefined },
  ];
  for (const options of passing) assert.doesNotThrow(() => checkSendOptions(options));
});

test('checkSendOptions() throws a TypeError that names the option and what is allowed', () => {
  const wrong: readonly (readonly [unknown, string])[] = [
    [{ compress: 1 }, 'compress must be true or false, but is 1'],
    [{ fin: 'yes' }, 'fin must be true or false, but is "yes"'],
    [{ fin: null }, 'fin must be true or false, but is null'],
    [{ key: 5 }, 'key must be a string, but is 5'],
    [{ FIN: true }, 'unknown option FIN; allowed are compress, fin, key'],
    [null, 'options must be an object, but is null'],
    ['fin', 'options must be an object, but is "fin"'],
    [true, 'options must be an object, but is true'],
  ];
  for (const [options, message] of wrong) {
    const check = (): void => checkSendOptions(options as SendOptions);
    assert.throws(check, { name: 'TypeError', message });
  }
});
