import assert from 'node:assert/strict';
import { test } from 'node:test';

import { resolveProtocolOptions } from '../../src/protocol/options.ts';

const required = { role: 'server', maxMessageSize: 1000 } as const;

test('every option has its default', () => {
  const { nextMaskingKey, ...resolved } = resolveProtocolOptions(required);
  assert.deepEqual(resolved, {
    role: 'server',
    maxMessageSize: 1000,
    maxFragments: 1024,
    maxFrameSize: Infinity,
    maxStreamedSize: Infinity,
    maxFragmentSize: Infinity,
    validateUtf8: true,
    allowReservedBits: false,
    echoClose: true,
    pieces: false,
    receiveBuffer: { initial: 1024, growBy: 0, max: Infinity },
    givenChunks: false,
    deflate: undefined,
    maxWholeSize: 1000,
    headerRules: {
      masked: true,
      allowRsv1: false,
      allowReserved: false,
      maxFrameSize: Infinity,
    },
  });
  assert.equal(typeof nextMaskingKey, 'function');
});

test('what is given stands over the defaults', () => {
  const given = {
    ...required,
    maxFragments: 3,
    validateUtf8: false,
    pieces: 'undecided',
    nextMaskingKey: () => 7,
  } as const;
  const resolved = resolveProtocolOptions(given);
  assert.deepEqual({ ...resolved, ...given }, resolved);
  assert.equal(resolved.nextMaskingKey(), 7);
});

test('resolved options are frozen, and stay as they are', () => {
  const resolved = resolveProtocolOptions(required);
  assert.ok(Object.isFrozen(resolved));
  assert.equal(resolveProtocolOptions(resolved), resolved);
});

test('RFC 6455 §5.3: masking keys are drawn at random unless told otherwise', () => {
  const { nextMaskingKey } = resolveProtocolOptions({ ...required, nextMaskingKey: undefined });
  const keys = Array.from({ length: 100 }, () => nextMaskingKey());
  assert.ok(keys.every((key) => Number.isInteger(key) && key >= 0 && key <= 0xffff_ffff));
  assert.ok(new Set(keys).size > 90);
});

test('F134: a message may be held whole up to its own limit and that of the memory for it', () => {
  const receiveBuffer = { initial: 64, growBy: 0, max: 500 };
  assert.equal(resolveProtocolOptions({ ...required, receiveBuffer }).maxWholeSize, 500);
  const few = { ...required, maxMessageSize: 300, receiveBuffer };
  assert.equal(resolveProtocolOptions(few).maxWholeSize, 300);
});
