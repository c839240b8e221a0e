import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PayloadEnd, payloadOf } from '../../../src/protocol/extension/payload.ts';
import { hex, unhex } from '../../support/recorder.ts';

/** What is missing behind the payload, which comes in these parts. */
function missingBehind(...parts: readonly string[]): string {
  const end = new PayloadEnd();
  for (const part of parts) {
    const bytes = unhex(`ff${part}ff`);
    end.take(bytes, 1, bytes.length - 1);
  }
  return hex(end.ending);
}

test('RFC 7692 §7.2.2: a payload needs the tail that was left out, however it is cut', () => {
  const payload = 'f248cdc9c90700';
  for (let cut = 0; cut <= payload.length; cut += 2) {
    assert.equal(missingBehind(payload.slice(0, cut), payload.slice(cut)), '0000ffff');
  }
  assert.equal(missingBehind('00'), '0000ffff');
  assert.equal(missingBehind('0000fffe'), '0000ffff');
});

test('RFC 7692 §7.2.2: behind a flush nothing is missing, however it is cut, nor in an empty payload', () => {
  assert.equal(missingBehind(), '');
  for (const payload of ['f248cdc9c907000000ffff', '000000ffff', '0000ffff']) {
    for (let cut = 0; cut <= payload.length; cut += 2) {
      assert.equal(missingBehind(payload.slice(0, cut), payload.slice(cut)), '', payload);
    }
  }
});

test('RFC 7692 §7.2.2: each message has an end of its own', () => {
  const end = new PayloadEnd();
  end.take(unhex('f248cd'), 0, 3);
  end.reset();
  assert.equal(end.ending.length, 0);
});

test('RFC 7692 §7.2.2: the end of a payload that is whole leaves no trace', () => {
  const end = new PayloadEnd();
  const bytes = unhex('fff248cdff000000ffff');
  assert.equal(hex(end.endingOf(bytes, 1, 4)), '0000ffff');
  assert.equal(end.ending.length, 0);
  assert.equal(end.endingOf(bytes, 5, 10).length, 0);
  assert.equal(end.endingOf(bytes, 4, 4).length, 0);
});

test('RFC 7692 §7.2.1: a payload is all pieces as one, the last one of a message without its tail', () => {
  const pieces = ['aa', 'bb0000', 'ffff'].map(unhex);
  assert.equal(hex(payloadOf(pieces, false)), 'aabb0000ffff');
  assert.equal(hex(payloadOf(pieces, true)), 'aabb');
  assert.equal(hex(payloadOf([unhex('cc000000ffff')], true)), 'cc00');
});

test('RFC 7692 §7.2.3.6: where nothing was left to flush, an empty block ends the message', () => {
  for (const pieces of [[], [unhex('')]]) {
    assert.equal(hex(payloadOf(pieces, true)), '00');
    assert.equal(payloadOf(pieces, false).length, 0);
  }
});
