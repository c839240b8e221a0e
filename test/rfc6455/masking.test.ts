import assert from 'node:assert/strict';
import { test } from 'node:test';

import { applyMask } from '../../src/protocol/frame/mask.ts';
import { failure, payload } from '../support/frames.ts';
import { atEveryCut, feed, hex, open, unhex } from '../support/recorder.ts';

function maskedBy(key: number, bytes: Uint8Array, offset = 0): string {
  const copy = Uint8Array.from(bytes);
  applyMask(copy, 0, copy.length, key, offset);
  return hex(copy);
}

test('C-01: RFC 6455 §5.3: "abcdefgh" with the key 12345678, at every cut', () => {
  const bytes = unhex(payload('abcdefgh'));
  for (let cut = 0; cut <= bytes.length; cut++) {
    const start = maskedBy(0x1234_5678, bytes.subarray(0, cut));
    const rest = maskedBy(0x1234_5678, bytes.subarray(cut), cut);
    assert.equal(start + rest, '7356351c77523110');
  }
});

test('C-04: RFC 6455 §5.3, §5.7: nothing, "Hello", and masking twice', () => {
  assert.equal(maskedBy(0x37fa_213d, unhex('')), '');
  assert.equal(maskedBy(0x37fa_213d, unhex(payload('Hello'))), '7f9f4d5158');
  for (let size = 0; size <= 65; size++) {
    const bytes = Uint8Array.from({ length: size }, (_, index) => index * 7);
    assert.equal(maskedBy(0x9abc_def0, unhex(maskedBy(0x9abc_def0, bytes))), hex(bytes));
  }
});

test('C-18: RFC 6455 §5.1: a server refuses a frame without a mask, at every cut', () => {
  const wire = unhex('8103626164');
  atEveryCut(wire, (cuts) => {
    const { protocol, recorder } = open({ role: 'server' });
    feed((chunk) => protocol.receive(chunk), wire, cuts);
    assert.deepEqual(recorder.events, failure('MASK_REQUIRED'));
  });
});

test('C-19: RFC 6455 §5.1: a client refuses a frame with a mask, at every cut', () => {
  const wire = unhex('818537fa213d7f9f4d5158');
  atEveryCut(wire, (cuts) => {
    const { protocol, recorder } = open({ role: 'client' });
    feed((chunk) => protocol.receive(chunk), wire, cuts);
    assert.deepEqual(recorder.events, failure('MASK_FORBIDDEN'));
  });
});

test('RFC 6455 §5.7: a server reads the masked "Hello" of the RFC, at every cut', () => {
  const wire = unhex('818537fa213d7f9f4d5158');
  atEveryCut(wire, (cuts) => {
    const { protocol, recorder } = open({ role: 'server' });
    feed((chunk) => protocol.receive(chunk), wire, cuts);
    assert.deepEqual(recorder.events, [['text', 'Hello']]);
  });
});

test('C-42: RFC 6455 §5.5.1: a client says goodbye, masked', () => {
  const { protocol, recorder } = open({ role: 'client', nextMaskingKey: () => 0x37fa_213d });
  protocol.close(1000, 'goodbye');
  const body = maskedBy(0x37fa_213d, unhex(`03e8${payload('goodbye')}`));
  assert.equal(recorder.wire, `888937fa213d${body}`);
});
