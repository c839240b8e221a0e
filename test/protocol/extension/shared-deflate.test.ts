import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';

import { SharedDeflate } from '../../../src/protocol/extension/shared-deflate.ts';
import { ManualCodec } from '../../support/manual-codec.ts';
import { hex, unhex } from '../../support/recorder.ts';

const small = { windowBits: 9, level: 1, memoryLevel: 1 };
const large = { windowBits: 15, level: 6, memoryLevel: 8 };

/** A shared deflater whose jobs finish when told to. */
function create() {
  const made: { windowBits: number; settings: object; codec: ManualCodec }[] = [];
  const deflate = new SharedDeflate({
    createDeflater: (settings, sink) => {
      const codec = new ManualCodec(sink);
      made.push({ windowBits: settings.windowBits, settings, codec });
      return codec;
    },
    createInflater: (_, sink) => new ManualCodec(sink),
  });
  const done: string[] = [];
  const ask = (kind: typeof small, bytes: string) =>
    deflate.deflate(kind, unhex(bytes), (payload) => void done.push(hex(payload)));
  const finish = (index: number, payload: string) => made[index]?.codec.finish(payload);
  return { ask, made, done, finish };
}

test('RFC 7692 §7.2.1: what comes out inflates to what went in, for every kind', async () => {
  const deflate = new SharedDeflate();
  const text = Buffer.from('so much alike, '.repeat(200));
  for (const kind of [small, large, { windowBits: 8, level: 9, memoryLevel: 9 }]) {
    const payload = await new Promise<Uint8Array>((resolve) =>
      deflate.deflate(kind, text, resolve),
    );
    assert.ok(payload.length < text.length / 2);
    const raw = Buffer.concat([payload, unhex('0000ffff010000ffff')]);
    assert.deepEqual(inflateRawSync(raw), text);
  }
});

test('messages of a kind are compressed one after the other, each for itself', () => {
  const { ask, made, done, finish } = create();
  ask(small, '01');
  ask(small, '02');
  assert.equal(made.length, 1, 'the second one waits');
  finish(0, 'aa0000ffff');
  assert.deepEqual(done, ['aa']);
  assert.deepEqual(made[0]?.codec.calls, ['run 01', 'close'], 'no window is kept');
  assert.deepEqual(made[1]?.codec.calls, ['run 02']);
  finish(1, 'bb0000ffff');
  assert.deepEqual(done, ['aa', 'bb']);
});

test('kinds do not wait for each other, and one that is asked for again starts anew', () => {
  const { ask, made, done, finish } = create();
  ask(small, '01');
  ask(large, '02');
  assert.deepEqual(
    made.map(({ windowBits }) => windowBits),
    [9, 15],
  );
  finish(1, 'bb0000ffff');
  finish(0, 'aa0000ffff');
  ask(large, '03');
  finish(2, 'cc0000ffff');
  assert.deepEqual(done, ['bb', 'aa', 'cc']);
});

test('each of window, level and memory level makes a kind of its own', () => {
  const { ask, made } = create();
  ask(large, '01');
  for (const other of [{ windowBits: 14 }, { level: 7 }, { memoryLevel: 9 }]) {
    ask({ ...large, ...other }, '01');
  }
  assert.equal(made.length, 4);
});

test('who is told may ask for the next one', () => {
  const made: ManualCodec[] = [];
  const deflate = new SharedDeflate({
    createDeflater: (_, sink) => (made[made.length] = new ManualCodec(sink)),
    createInflater: (_, sink) => new ManualCodec(sink),
  });
  const done: string[] = [];
  deflate.deflate(small, unhex('01'), (first) => {
    done.push(hex(first));
    deflate.deflate(small, unhex('02'), (second) => void done.push(hex(second)));
  });
  made[0]?.finish('aa0000ffff');
  made[1]?.finish('bb0000ffff');
  assert.deepEqual(done, ['aa', 'bb']);
});

test('kinds that differ in anything are compressed apart, each by its settings', () => {
  const { ask, made } = create();
  const kinds = [
    { windowBits: 12, level: 6, memoryLevel: 5 },
    { windowBits: 11, level: 6, memoryLevel: 6 },
    { windowBits: 12, level: 5, memoryLevel: 5 },
    { windowBits: 12, level: 6, memoryLevel: 6 },
  ];
  for (const kind of kinds) ask(kind, '01');
  assert.deepEqual(
    made.map(({ settings }) => settings),
    kinds,
  );
});
