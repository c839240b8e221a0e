import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

import fc from 'fast-check';

import { createDeflater, createInflater } from '../../src/platform/node-zlib.ts';
import { KeptStreams } from '../../src/platform/zlib/kept-streams.ts';
import { CodecJobs } from './codec-jobs.ts';
import { readDeflate } from './read-deflate.ts';

const { Z_SYNC_FLUSH } = constants;
const TAIL = Buffer.from('0000ffff', 'hex');
const NONE = Buffer.alloc(0);
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

const deflater = (windowBits = 15, level = 6, memoryLevel = 8) =>
  new CodecJobs((sink) => createDeflater({ windowBits, level, memoryLevel }, sink));
const inflater = (windowBits = 15) => new CodecJobs((sink) => createInflater(windowBits, sink));

/** Bytes in which nothing repeats. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 16;
    }),
  );
}

/** Text with repetitions near and far, so that a compressor has something to refer to. */
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(12)), { maxLength: 30 })
  .map((parts) =>
    Buffer.concat(parts.flatMap(([bytes, n]) => Array.from({ length: n }, () => bytes))),
  );

/** Waits until jobs queued later in the thread pool are over, so that a late report would show. */
async function laterJobs(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    const later = deflater();
    await later.run(Buffer.alloc(100_000, 'abc'));
    later.codec.close();
  }
}

test('RFC 7692 §7.2.1: a deflater flushes every job to a byte boundary, with any settings', async () => {
  const settings = fc.tuple(
    fc.integer({ min: 8, max: 15 }),
    fc.integer({ min: 0, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
  );
  await fc.assert(
    fc.asyncProperty(settings, fc.array(repetitive, { maxLength: 4 }), async (settings, inputs) => {
      const jobs = deflater(...settings);
      const outputs = [];
      for (const input of inputs) {
        const output = await jobs.run(input);
        if (input.length > 0) assert.deepEqual(output.subarray(-4), TAIL);
        outputs.push(output);
      }
      jobs.codec.close();
      const all = inflateRawSync(Buffer.concat(outputs), { finishFlush: Z_SYNC_FLUSH });
      assert.deepEqual(all, Buffer.concat(inputs));
    }),
  );
});

test('RFC 7692 §7.1.2: with a window of 8 bits no distance is above 250, and 8 bits inflate it', async () => {
  const far = fc.tuple(
    fc.uint8Array({ minLength: 3, maxLength: 12 }),
    fc.integer({ min: 230, max: 530 }),
  );
  const input = fc.oneof(
    repetitive,
    far.map(([bytes, gap]) => {
      const between = noise(gap);
      return Buffer.concat([bytes, between, bytes, between.subarray(0, 40), bytes]);
    }),
  );
  const levels = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 9 }));
  await fc.assert(
    fc.asyncProperty(levels, input, input, async ([level, memoryLevel], first, second) => {
      const out = deflater(8, level, memoryLevel);
      const back = inflater(8);
      const compressed = [];
      for (const message of [first, second]) {
        const output = await out.run(message);
        compressed.push(output);
        assert.deepEqual(await back.run(output, NONE), message);
      }
      out.codec.close();
      back.codec.close();
      const reading = readDeflate(Buffer.concat(compressed));
      assert.deepEqual(Buffer.from(reading.output), Buffer.concat([first, second]));
      assert.ok(reading.maxDistance <= 250, `a distance of ${reading.maxDistance}`);
    }),
    { numRuns: 300 },
  );
});

for (const windowBits of [9, 10, 12, 15]) {
  test(`RFC 7692 §7.1.2: no distance leaves a window of ${windowBits} bits, and it is used`, async () => {
    const size = 2 ** windowBits;
    const near = noise((size * 3) / 8);
    const far = noise(size * 2);
    const jobs = deflater(windowBits);
    const output = [
      await jobs.run(near),
      await jobs.run(near),
      await jobs.run(far),
      await jobs.run(far),
    ];
    jobs.codec.close();
    const { maxDistance } = readDeflate(Buffer.concat(output));
    assert.ok(maxDistance >= near.length && maxDistance <= size, `a distance of ${maxDistance}`);
  });
}

test('RFC 7692 §7.1.1: either codec has its window from its own messages alone', async () => {
  const out = deflater();
  const back = inflater();
  const first = await out.run(Buffer.from('Hello'));
  const second = await out.run(Buffer.from('Hello'));
  assert.equal(first.toString('hex'), 'f248cdc9c907000000ffff');
  assert.equal(second.toString('hex'), 'f2001100000000ffff');
  assert.equal((await back.run(first, NONE)).toString(), 'Hello');
  assert.equal((await back.run(second, NONE)).toString(), 'Hello');
  await assert.rejects(inflater().run(second, NONE), /invalid distance/);
  for (const { codec } of [out, back]) codec.close();
});

test('RFC 7692 §7.2.2: what real zlib deflates is inflated, cut into any jobs, window kept', async () => {
  const bits = fc.integer({ min: 9, max: 15 });
  await fc.assert(
    fc.asyncProperty(
      bits,
      fc.array(repetitive, { maxLength: 4 }),
      fc.array(fc.nat()),
      async (windowBits, messages, cuts) => {
        const jobs = inflater(windowBits);
        let dictionary = NONE;
        for (const message of messages) {
          const options = { windowBits, finishFlush: Z_SYNC_FLUSH };
          const whole = deflateRawSync(
            message,
            dictionary.length > 0 ? { ...options, dictionary } : options,
          );
          const output = [];
          let from = 0;
          for (const cut of cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b)) {
            output.push(await jobs.run(whole.subarray(from, cut)));
            from = cut;
          }
          output.push(await jobs.run(whole.subarray(from), NONE));
          assert.deepEqual(Buffer.concat(output), message);
          dictionary = Buffer.concat([dictionary, message]).subarray(-(2 ** windowBits));
        }
        jobs.codec.close();
      },
    ),
  );
});

test('RFC 7692 §7.2.3.4: final blocks, at any place and several in one job, end nothing', async () => {
  const parts = fc.array(fc.tuple(repetitive, fc.boolean()), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(parts, fc.nat(), async (parts, cut) => {
      const jobs = inflater(10);
      let dictionary = NONE;
      const compressed = parts.map(([bytes, final]) => {
        const finishFlush = final ? constants.Z_FINISH : Z_SYNC_FLUSH;
        const options = { windowBits: 10, finishFlush };
        const result = deflateRawSync(
          bytes,
          dictionary.length > 0 ? { ...options, dictionary } : options,
        );
        dictionary = Buffer.concat([dictionary, bytes]).subarray(-1024);
        return result;
      });
      const whole = Buffer.concat(compressed);
      const at = cut % (whole.length + 1);
      const output = [
        await jobs.run(whole.subarray(0, at)),
        await jobs.run(whole.subarray(at), NONE),
      ];
      jobs.codec.close();
      assert.deepEqual(Buffer.concat(output), Buffer.concat(parts.map(([bytes]) => bytes)));
    }),
  );
});

test('RFC 7692 §7.2.3.4: more final blocks than the length of a message pays for are refused', async () => {
  const restarts = (count: number) => hex('0300'.repeat(count));
  const jobs = inflater();
  assert.equal((await jobs.run(restarts(16), TAIL)).length, 0);
  assert.equal((await jobs.run(restarts(10))).length, 0);
  assert.equal((await jobs.run(restarts(6), TAIL)).length, 0);
  // Stored blocks of 1 KiB pay for one more each; they count from one job of a message to the next.
  const kib = Buffer.concat([hex('00 00 04 ff fb'), noise(1024)]);
  assert.equal((await jobs.run(Buffer.concat([kib, kib]))).length, 2048);
  assert.equal((await jobs.run(restarts(18), TAIL)).length, 0);
  await jobs.run(restarts(10));
  await assert.rejects(jobs.run(restarts(8), TAIL), RangeError);
  await assert.rejects(inflater().run(restarts(18)), RangeError);
});

test('CP-03: each piece comes with how much of the input was read for it', async () => {
  const jobs = inflater();
  const input = Buffer.concat([
    deflateRawSync(noise(100_000), { finishFlush: Z_SYNC_FLUSH }),
    deflateRawSync(Buffer.alloc(1_000_000)),
  ]);
  const before = input.length - deflateRawSync(Buffer.alloc(1_000_000)).length;
  await jobs.run(input, NONE);
  let output = 0;
  for (const [index, piece] of jobs.copies.entries()) {
    const consumed = jobs.consumed[index] ?? assert.fail();
    output += piece.length;
    if (output <= 90_000) assert.ok(consumed >= output && consumed <= before, `${consumed}`);
    else if (output > 200_000) assert.ok(consumed > before, `${consumed}`);
    assert.ok(consumed <= input.length);
  }
  assert.equal(jobs.consumed.at(-1), input.length);
  jobs.codec.close();
});

test('RFC 7692 §7.1.1: a deflater keeps its window although its stream had to go', async () => {
  const settings = fc.tuple(fc.integer({ min: 8, max: 15 }), fc.integer({ min: 1, max: 9 }));
  const inputs = fc.array(repetitive, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(settings, inputs, async ([windowBits, memoryLevel], inputs) => {
      const kept = new KeptStreams(0);
      const jobs = new CodecJobs((sink) =>
        createDeflater({ windowBits, level: 6, memoryLevel }, sink, undefined, kept),
      );
      const back = inflater(windowBits);
      for (const input of inputs) {
        const output = await jobs.run(input);
        assert.deepEqual(await back.run(output, NONE), input);
      }
      jobs.codec.close();
      back.codec.close();
    }),
  );
  const jobs = new CodecJobs((sink) =>
    createDeflater(
      { windowBits: 15, level: 6, memoryLevel: 8 },
      sink,
      undefined,
      new KeptStreams(0),
    ),
  );
  await jobs.run(Buffer.from('Hello'));
  assert.equal((await jobs.run(Buffer.from('Hello'))).toString('hex'), 'f2001100000000ffff');
  jobs.codec.close();
});

test('CP-09: a message that is a whole raw stream with BFINAL and no more, then a normal one', async () => {
  const jobs = inflater();
  assert.equal((await jobs.run(hex('f348cdc9c90700'), TAIL)).toString(), 'Hello');
  assert.equal((await jobs.run(hex('f248cdc9c90700'), TAIL)).toString(), 'Hello');
  // The window of the first two is still there.
  assert.equal((await jobs.run(hex('f200110000'), TAIL)).toString(), 'Hello');
  jobs.codec.close();
});

test('RFC 7692 §7.2.3.4: a final stored block that only the ending completes', async () => {
  const jobs = inflater();
  assert.equal((await jobs.run(hex('01'), TAIL)).length, 0);
  assert.equal((await jobs.run(hex('f248cdc9c90700'), TAIL)).toString(), 'Hello');
  jobs.codec.close();
});

test('CP-07: corrupt data fail the job, at every cut, and nothing comes late', async () => {
  for (const text of ['00 05 00 00 00', '07', 'ff ff ff ff', 'f2 48 cd 06', '4b 4c 04 13 00']) {
    const bytes = hex(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const jobs = inflater();
      const rejected = jobs
        .run(bytes.subarray(0, cut))
        .then(() => jobs.run(bytes.subarray(cut), TAIL));
      await assert.rejects(rejected, `${text} cut at ${cut}`);
    }
  }
  await laterJobs();
});

test('CP-07: data that end inside a block fail with the ending, not before', async () => {
  const whole = deflateRawSync(Buffer.from('truncated truncated text '.repeat(9)), {
    finishFlush: Z_SYNC_FLUSH,
  });
  const stored = hex('00 10 00 ef ff 61 62 63');
  for (const bytes of [
    ...Array.from({ length: whole.length - 5 }, (_, i) => whole.subarray(0, i + 1)),
    stored,
  ]) {
    const jobs = inflater();
    await jobs.run(bytes);
    await assert.rejects(jobs.run(NONE, TAIL), Error, bytes.toString('hex'));
  }
});

test('CP-07: any bytes whatever end in output or an error, never in silence', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
      const jobs = inflater(9);
      await jobs
        .run(bytes, TAIL)
        .catch((error: unknown) => assert.ok(error instanceof Error, String(error)));
      jobs.codec.close();
    }),
    { numRuns: 1000 },
  );
});

test('a message ends only where its last block does, judged by a decompressor of our own', async () => {
  await fc.assert(
    fc.asyncProperty(repetitive, fc.nat(), async (message, cut) => {
      const whole = deflateRawSync(message, { finishFlush: Z_SYNC_FLUSH });
      const bytes = whole.subarray(0, cut % (whole.length - 4));
      const jobs = inflater();
      const output = await jobs.run(bytes, TAIL).catch(() => undefined);
      jobs.codec.close();
      if (output === undefined) return;
      const reading = readDeflate(Buffer.concat([bytes, TAIL]));
      assert.deepEqual(output, Buffer.from(reading.output));
    }),
  );
});

test('CP-01: a bomb stops at the piece in which it is closed; its memory is given back', async () => {
  const bomb = deflateRawSync(Buffer.alloc(99 * 2 ** 20), { level: 9 });
  const limit = 2 ** 20;
  const before = process.memoryUsage().arrayBuffers;
  const jobs = inflater();
  const stopped = new Promise<void>((resolve) => {
    jobs.onPiece = () => {
      if (jobs.outputLength <= limit) return;
      jobs.codec.close();
      resolve();
    };
  });
  void jobs.run(bomb, TAIL);
  await stopped;
  await laterJobs();
  assert.ok(jobs.outputLength <= limit + 64 * 1024, `${jobs.outputLength} bytes of output`);
  const growth = process.memoryUsage().arrayBuffers - before;
  assert.ok(growth <= 6 * limit, `${growth} bytes more`);
});

test('CP-01: while paused, a bomb gives nothing and little of it waits', async () => {
  const bomb = deflateRawSync(Buffer.alloc(20 * 2 ** 20));
  const jobs = inflater();
  let pauses = 0;
  const done = jobs.run(bomb, NONE);
  jobs.codec.pause();
  await laterJobs();
  assert.equal(jobs.copies.length, 0);
  jobs.onPiece = () => {
    jobs.codec.pause();
    const count = jobs.copies.length;
    if (pauses++ % 64 !== 0) {
      setImmediate(() => jobs.codec.resume());
      return;
    }
    const before = process.memoryUsage().arrayBuffers;
    void laterJobs().then(() => {
      assert.equal(jobs.copies.length, count);
      const growth = process.memoryUsage().arrayBuffers - before;
      assert.ok(growth < 4 * 2 ** 20, `${growth} bytes more`);
      jobs.codec.resume();
    });
  };
  jobs.codec.resume();
  assert.equal((await done).length, 20 * 2 ** 20);
  jobs.codec.close();
});

for (const make of [deflater, inflater]) {
  test(`a job that is closed at once reports nothing (${make.name})`, async () => {
    const jobs = make();
    void jobs.run(Buffer.from('07', 'hex')).then(() => assert.fail('reported'), assert.fail);
    jobs.codec.close();
    await laterJobs();
    assert.equal(jobs.copies.length, 0);
  });

  test(`a pause before the first job holds it back (${make.name})`, async () => {
    const jobs = make();
    jobs.codec.pause();
    const input = make === deflater ? Buffer.from('Hello') : hex('f248cdc9c907000000ffff');
    const done = jobs.run(input);
    await laterJobs();
    assert.equal(jobs.copies.length, 0);
    jobs.codec.resume();
    assert.notEqual((await done).length, 0);
    jobs.codec.pause();
    jobs.codec.resume();
    jobs.codec.pause();
    jobs.codec.resume();
    assert.notEqual((await jobs.run(input)).length, 0);
    jobs.codec.close();
  });
}

test('output of two codecs shares no memory, unless it is to be copied, and much comes in larger pieces', async () => {
  const buffers = new Set<ArrayBufferLike>();
  for (const make of [deflater, inflater]) {
    for (let i = 0; i < 3; i++) {
      const jobs = make();
      await jobs.run(make === deflater ? Buffer.from('abc') : hex('f248cdc9c907000000ffff'));
      for (const piece of jobs.pieces) {
        const copied = piece.length * 2 < Math.min(piece.buffer.byteLength, Buffer.poolSize);
        assert.ok(copied || !buffers.has(piece.buffer));
        buffers.add(piece.buffer);
      }
      jobs.codec.close();
    }
  }
  const jobs = inflater();
  await jobs.run(deflateRawSync(Buffer.concat([noise(8_000), Buffer.alloc(200_000)])), NONE);
  assert.ok(jobs.pieces.length <= 4, `${jobs.pieces.length} pieces`);
  jobs.codec.close();
});

test('a deflater that fails says so and is of no further use', async () => {
  const jobs = deflater();
  const sink = jobs.codec as unknown as { onFailed(error: Error): void };
  const failed = jobs.run(Buffer.from('Hello'));
  sink.onFailed(new Error('out of memory'));
  await assert.rejects(failed, /out of memory/);
  await laterJobs();
  assert.equal(jobs.copies.length, 0);
});
