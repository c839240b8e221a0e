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
