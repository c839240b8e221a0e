import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compressionRule } from '../../../src/connection/options/compression-options.ts';

const defaults = {
  threshold: 1_024,
  level: 6,
  memoryLevel: 5,
  windowBits: 12,
  peerWindowBits: 12,
  contextTakeover: false,
  peerContextTakeover: false,
  maxRatio: 100,
};

test('compression that is off otherwise starts from the defaults of RFC 7692 §7.1.2', () => {
  const rule = compressionRule(false);
  assert.equal(rule(false, 'compression'), false);
  assert.deepEqual(rule(true, 'compression'), defaults);
  assert.deepEqual(rule({ level: 1 }, 'compression'), { ...defaults, level: 1 });
});

test('compression that is on otherwise is completed from what holds', () => {
  const rule = compressionRule({ ...defaults, threshold: 7 });
  assert.deepEqual(rule(true, 'compression'), { ...defaults, threshold: 7 });
  assert.deepEqual(rule({ level: 1 }, 'compression'), { ...defaults, threshold: 7, level: 1 });
  assert.throws(() => rule({ level: 10 }, 'compression'), /^RangeError: compression\.level must/);
});

test('CP-03: compression.maxRatio is a number of at least 1; Infinity turns it off', () => {
  const rule = compressionRule(false);
  for (const maxRatio of [1, 1.5, 1000, Infinity]) {
    assert.deepEqual(rule({ maxRatio }, 'compression'), { ...defaults, maxRatio });
  }
  for (const maxRatio of [0.99, 0, -1, NaN, -Infinity]) {
    assert.throws(() => rule({ maxRatio }, 'compression'), {
      name: 'RangeError',
      message: `compression.maxRatio must be a number of at least 1, or Infinity, but is ${maxRatio}`,
    });
  }
  assert.throws(() => rule({ maxRatio: '100' }, 'compression'), {
    name: 'TypeError',
    message: 'compression.maxRatio must be a number of at least 1, or Infinity, but is "100"',
  });
});
