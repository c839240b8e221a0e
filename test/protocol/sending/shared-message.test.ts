import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SharedDeflate } from '../../../src/protocol/extension/shared-deflate.ts';
import { FrameArena } from '../../../src/protocol/sending/frame-arena.ts';
import { type SharedFrame, SharedMessage } from '../../../src/protocol/sending/shared-message.ts';
import { hex, unhex } from '../../support/recorder.ts';

const kind = { windowBits: 12, level: 6, memoryLevel: 5 };
const otherKind = { ...kind, windowBits: 15 };

/** What encodes shared messages; compression finishes when told to. */
function create() {
  const jobs: { readonly bytes: string; readonly done: (payload: string) => void }[] = [];
  const deflate: Pick<SharedDeflate, 'deflate'> = {
    deflate: (_, bytes, onDone) =>
      void jobs.push({ bytes: hex(bytes), done: (payload) => onDone(unhex(payload)) }),
  };
  const encoder = { arena: new FrameArena(), deflate };
  return {
    jobs,
    make: (payload: string | Uint8Array) => new SharedMessage(payload, true, encoder),
  };
}

test('a message is one frame, whose payload lies in it', () => {
  const { make } = create();
  const text = make('é');
  assert.deepEqual([hex(text.plain.frame), hex(text.plain.payload)], ['8102c3a9', 'c3a9']);
  assert.deepEqual(
    [text.plain.opcode, text.plain.rsv, text.length, text.compress],
    [1, 0, 2, true],
  );
  assert.equal(text.plain.payload.buffer, text.plain.frame.buffer);
  assert.equal(hex(make(unhex('')).plain.frame), '8200');
});

test('the bytes it was made from may change', () => {
  const bytes = unhex('0102');
  const message = create().make(bytes);
  bytes.fill(9);
  assert.equal(hex(message.plain.frame), '82020102');
});

test('RFC 7692 §6: it is compressed once for each kind, with RSV1 set', () => {
  const { jobs, make } = create();
  const message = make('ab');
  const frames: SharedFrame[] = [];
  const take = (frame: SharedFrame): void => void frames.push(frame);
  assert.equal(message.deflated(kind, take), undefined);
  assert.equal(message.deflated({ ...kind }, take), undefined);
  assert.equal(message.deflated(otherKind, take), undefined);
  assert.deepEqual(
    jobs.map(({ bytes }) => bytes),
    ['6162', '6162'],
  );
  jobs[0]?.done('aa');
  assert.deepEqual([frames.length, frames[0] === frames[1]], [2, true]);
  const [frame] = frames;
  assert.ok(frame !== undefined);
  assert.deepEqual([hex(frame.frame), hex(frame.payload), frame.rsv], ['c101aa', 'aa', 4]);
  assert.equal(message.deflated(kind, take), frame, 'who comes later gets it at once');
  jobs[1]?.done('bbbb');
  assert.equal(hex(frames[2]?.frame ?? unhex('')), 'c102bbbb');
  assert.deepEqual([frames.length, jobs.length], [3, 2]);
});
