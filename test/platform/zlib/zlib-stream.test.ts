import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, createInflateRaw, deflateRawSync } from 'node:zlib';

import { streamOptions, ZlibStream } from '../../../src/platform/zlib/zlib-stream.ts';

type Event = ['output', number] | ['consumed', number] | ['failed', string];

/** A stream that inflates, and a log of what it told its listener. */
function open(paused = false, chunkSize = 4096) {
  const events: Event[] = [];
  const log = { onPush: () => {} };
  let wake = () => {};
  const push = (event: Event) => {
    events.push(event);
    log.onPush();
    wake();
  };
  const inflate = createInflateRaw({ ...streamOptions, flush: constants.Z_SYNC_FLUSH, chunkSize });
  const stream = new ZlibStream(inflate, {
    onOutput: (bytes) => push(['output', bytes.length]),
    onConsumed: (left) => push(['consumed', left]),
    onFailed: (error) => push(['failed', error.message]),
  });
  if (paused) stream.pause();
  const next = () => new Promise<void>((resolve) => (wake = resolve));
  const until = async (kind: Event[0]) => {
    while (events.at(-1)?.[0] !== kind) await next();
  };
  return { stream, inflate, events, until, log };
}

/** Waits for a job of the same thread pool that was queued later. */
async function laterJob(): Promise<void> {
  const { stream, until } = open();
  stream.write(deflateRawSync(Buffer.alloc(50_000)));
  await until('consumed');
  stream.drop();
}

const long = deflateRawSync(Buffer.alloc(100_000));
function total(events: readonly Event[]): number {
  let sum = 0;
  for (const event of events) if (event[0] === 'output') sum += event[1];
  return sum;
}

test('a job gives its output in chunks, then says that it consumed its input', async () => {
  const { stream, events, until } = open();
  stream.write(long);
  assert.deepEqual(events, []);
  await until('consumed');
  assert.equal(total(events), 100_000);
  assert.deepEqual(events.at(-1), ['consumed', 0]);
  stream.drop();
});

test('RFC 7692 §7.2.3.4: what stands behind a final block is counted', async () => {
  const { stream, events, until } = open();
  stream.write(Buffer.concat([long, Buffer.alloc(7)]));
  await until('consumed');
  assert.equal(total(events), 100_000);
  assert.deepEqual(events.at(-1), ['consumed', 7]);
  assert.equal(stream.left, 7);
  stream.drop();
});

for (const [chunkSize, length] of [
  [4096, 100_000],
  [65_536, 20_000],
  [65_536, 400_000],
] as const) {
  for (const behind of [0, 7]) {
    const title = `${length} bytes in chunks of ${chunkSize}, ${behind} bytes behind a final block`;

    test(`a paused stream gives nothing and keeps little: ${title}`, async () => {
      const { stream, inflate, events, until } = open(true, chunkSize);
      stream.write(Buffer.concat([deflateRawSync(Buffer.alloc(length)), Buffer.alloc(behind)]));
      await laterJob();
      assert.deepEqual(events, []);
      assert.ok(inflate.readableLength <= Math.max(2 * chunkSize, 16_384), title);
      stream.resume();
      assert.deepEqual(events, []);
      await until(length > chunkSize ? 'output' : 'consumed');
      stream.pause();
      const before = events.length;
      await laterJob();
      assert.equal(events.length, before);
      stream.resume();
      await until('consumed');
      assert.equal(total(events), length);
      assert.deepEqual(events.at(-1), ['consumed', behind]);
      stream.drop();
    });
  }
}

test('a pause in the last piece holds back that the input was consumed', async () => {
  const { stream, events, until, log } = open();
  log.onPush = () => stream.pause();
  stream.write(deflateRawSync(Buffer.from('hello')));
  await until('output');
  await laterJob();
  assert.deepEqual(events, [['output', 5]]);
  stream.resume();
  await until('consumed');
  assert.deepEqual(events, [
    ['output', 5],
    ['consumed', 0],
  ]);
  stream.drop();
});

test('corrupt data fail the job, and a dropped stream keeps its late error to itself', async () => {
  const failing = open();
  failing.stream.write(Uint8Array.of(0x07));
  await failing.until('failed');
  assert.deepEqual(failing.events, [['failed', 'invalid block type']]);
  const dropped = open();
  dropped.stream.write(Uint8Array.of(0x07));
  dropped.stream.drop();
  assert.equal(dropped.inflate.destroyed, true);
  dropped.inflate.emit('error', new Error('late'));
  await laterJob();
  assert.deepEqual(dropped.events, []);
});
