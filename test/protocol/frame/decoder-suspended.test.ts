import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FrameDecoder, type FrameSink } from '../../../src/protocol/frame/decoder.ts';
import { hex, unhex } from '../../support/recorder.ts';

/** A decoder of unmasked frames that keeps the payloads; `suspendAt` says in which call it stops. */
function create(suspendAt: 'frame' | 'payload') {
  const payloads: string[] = [];
  const sink: FrameSink = {
    onFrame: () => {
      if (suspendAt === 'frame') decoder.suspend();
    },
    onPayload: (_header, bytes, start, end) => {
      payloads.push(hex(bytes.subarray(start, end)));
      if (suspendAt === 'payload') decoder.suspend();
    },
  };
  const decoder: FrameDecoder = new FrameDecoder({ masked: false, allowRsv1: false }, sink);
  return { decoder, payloads };
}

test('RFC 6455 §5.2: an empty frame whose header alone was read has begun and not ended', () => {
  const { decoder, payloads } = create('frame');
  decoder.decode(unhex('8200'));
  assert.equal(decoder.midFrame, true);
  assert.deepEqual(payloads, []);
  decoder.resume();
  assert.equal(decoder.midFrame, false);
  assert.deepEqual(payloads, ['']);
});

test('what of a chunk was decoded is not pending', () => {
  const { decoder } = create('payload');
  decoder.decode(unhex('820161 820162 820163'));
  assert.equal(decoder.pendingLength, 6);
  decoder.decode(unhex('820164'));
  assert.equal(decoder.pendingLength, 9);
  decoder.resume();
  assert.equal(decoder.pendingLength, 6);
});

test('a chunk that comes when the current one is used up waits behind those that wait', () => {
  const { decoder, payloads } = create('payload');
  decoder.decode(unhex('820161 820162'));
  decoder.decode(unhex('820163'));
  decoder.resume();
  decoder.decode(unhex('820164'));
  for (let round = 0; round < 4; round++) decoder.resume();
  assert.deepEqual(payloads, ['61', '62', '63', '64']);
  assert.equal(decoder.pendingLength, 0);
});

test('the memory of chunks that waited is no longer held once they are decoded', () => {
  const { decoder } = create('payload');
  for (const wire of ['820161', '820162', '820163']) decoder.decode(unhex(wire));
  const held = [decoder.heldAmount];
  for (let round = 0; round < 3; round++) {
    decoder.resume();
    held.push(decoder.heldAmount);
  }
  assert.deepEqual(held, [9, 6, 3, 0]);
});
