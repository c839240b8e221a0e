import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

import fc from 'fast-check';

import type { Codec, CodecSink, DeflaterSettings } from '../../../src/platform/platform.ts';
import type { ProtocolError } from '../../../src/protocol/errors.ts';
import {
  type DeflateParameters,
  type DeflateSink,
  PermessageDeflate,
} from '../../../src/protocol/extension/permessage-deflate.ts';

const TAIL = Buffer.from('0000ffff', 'hex');
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const settings = { threshold: 0, level: 6, memoryLevel: 8, maxRatio: Infinity };
const wide = { windowBits: 15, peerWindowBits: 15 };
const kept: DeflateParameters = { ...wide, contextTakeover: true, peerContextTakeover: true };
const forgotten: DeflateParameters = {
  ...wide,
  contextTakeover: false,
  peerContextTakeover: false,
};

/** The extension over the real codecs, whose jobs are awaited. */
class Peer implements DeflateSink {
  readonly extension: PermessageDeflate;
  onPiece: (bytes: Uint8Array) => void = () => {};
  #pieces: Uint8Array[] = [];
  #onDeflated: (payload: Uint8Array) => void = () => assert.fail();
  #onDone: (error: Error | undefined) => void = () => assert.fail();

  constructor(parameters: DeflateParameters) {
    this.extension = new PermessageDeflate(parameters, settings, this);
  }

  deflate(bytes: Uint8Array, last = true): Promise<Uint8Array> {
    this.extension.deflate(bytes, last);
    assert.equal(this.extension.deflating, true);
    return new Promise((resolve) => (this.#onDeflated = resolve));
  }

  /** Inflates a message's payload cut at the places given; resolves with all of it. */
  async inflate(payload: Uint8Array, cuts: readonly number[] = []): Promise<Buffer> {
    this.#pieces = [];
    // The range does not begin at 0, and what stands around it must not matter.
    const bytes = Buffer.concat([Buffer.alloc(3, 0xff), payload, Buffer.alloc(3, 0xff)]);
    let start = 3;
    for (const cut of cuts) {
      await this.piece(bytes, start, cut + 3, false);
      start = cut + 3;
    }
    await this.piece(bytes, start, payload.length + 3, true);
    return Buffer.concat(this.#pieces);
  }

  async piece(bytes: Uint8Array, start: number, end: number, last: boolean): Promise<void> {
    this.extension.inflate(bytes, start, end, last);
    assert.equal(this.extension.inflating, true);
    const error = await new Promise<Error | undefined>((resolve) => (this.#onDone = resolve));
    if (error) throw error;
  }

  onDeflated(payload: Uint8Array): void {
    assert.equal(this.extension.deflating, false);
    this.#onDeflated(Uint8Array.from(payload));
    // The receiver may mask the payload in place.
    payload.fill(0xee);
  }

  onInflated(bytes: Uint8Array): void {
    this.#pieces.push(Uint8Array.from(bytes));
    bytes.fill(0xee);
    this.onPiece(bytes);
  }

  onInflateDone(error?: ProtocolError): void {
    assert.equal(this.extension.inflating, false);
    this.#onDone(error);
  }
}

/** A codec whose jobs finish when told to. */
class FakeCodec implements Codec {
  readonly calls: string[] = [];
  readonly sink: CodecSink;

  constructor(sink: CodecSink) {
    this.sink = sink;
  }

  run(input: Uint8Array, ending?: Uint8Array): void {
    this.calls.push(`run ${hexOf(input)}${ending ? ` + ${hexOf(ending)}` : ''}`);
  }

  pause(): void {
    this.calls.push('pause');
  }

  resume(): void {
    this.calls.push('resume');
  }

  close(): void {
    this.calls.push('close');
  }

  finish(...pieces: readonly string[]): void {
    for (const piece of pieces) this.sink.onOutput(hex(piece), 0);
    this.sink.onDone();
  }
}

/** What an error tells, and its cause. */
function toldBy(error: ProtocolError | undefined): string {
  if (error === undefined) return '';
  return ` ${error.violation}${error.cause instanceof Error ? `: ${error.cause.message}` : ''}`;
}

/** The extension over fake codecs, with logs of what was made of them and told to the sink. */
function openFake(parameters: DeflateParameters, threshold = 1024) {
  const made: (DeflaterSettings | number)[] = [];
  const codecs: FakeCodec[] = [];
  const events: string[] = [];
  const make = (settings: DeflaterSettings | number, sink: CodecSink) => {
    made.push(settings);
    const codec = new FakeCodec(sink);
    codecs.push(codec);
    return codec;
  };
  const extension = new PermessageDeflate(
    parameters,
    { threshold, level: 3, memoryLevel: 5 },
    {
      onDeflated: (payload) => events.push(`deflated ${hexOf(payload)}`),
      onInflated: (bytes) => events.push(`inflated ${hexOf(bytes)}`),
      onInflateDone: (error) => events.push(`done${toldBy(error)}`),
    },
    { createDeflater: make, createInflater: make },
  );
  const codec = (index: number) => codecs[index] ?? assert.fail(`codec ${index} was not made`);
  return { extension, made, events, codec };
}

// The examples of the RFC: the payload of one message, and what stands before it in its context.
const examples = [
  ['§7.2.3.1: one compressed block', [], 'f248cdc9c90700'],
  ['§7.2.3.2: sharing the window', ['f248cdc9c90700'], 'f200110000'],
  ['§7.2.3.3: a block without compression', [], '000500faff48656c6c6f00'],
  ['§7.2.3.4: a block with BFINAL', [], 'f348cdc9c9070000'],
  ['§7.2.3.4: a block with BFINAL shares the window too', ['f348cdc9c9070000'], 'f200110000'],
  ['§7.2.3.4: several blocks with BFINAL', [], 'f3480500 cbc9c90700 00'],
  ['§7.2.3.5: two blocks', [], 'f24805000000ffffcac9c90700'],
] as const;

for (const [title, before, payload] of examples) {
  test(`RFC 7692 ${title}, at every cut`, async () => {
    const bytes = hex(payload);
    for (let first = 0; first <= bytes.length; first++) {
      const peer = new Peer(kept);
      for (const earlier of before) await peer.inflate(hex(earlier));
      const second = ((first * 7) % (bytes.length - first + 1)) + first;
      assert.equal((await peer.inflate(bytes, [first, second])).toString(), 'Hello');
      // The window is in order for what follows.
      assert.equal((await peer.inflate(hex('f200110000'))).toString(), 'Hello');
      peer.extension.close();
    }
  });
}

test('RFC 7692 §7.2.3.1, §7.2.3.2: "Hello" twice, with context takeover and without', async () => {
  const hello = Buffer.from('Hello');
  const keeping = new Peer(kept);
  assert.equal(hexOf(await keeping.deflate(hello)), 'f248cdc9c90700');
  assert.equal(hexOf(await keeping.deflate(hello)), 'f200110000');
  keeping.extension.close();
  const forgetting = new Peer(forgotten);
  assert.equal(hexOf(await forgetting.deflate(hello)), 'f248cdc9c90700');
  assert.equal(hexOf(await forgetting.deflate(hello)), 'f248cdc9c90700');
  forgetting.extension.close();
});

test('RFC 7692 §7.1.1.1: without takeover a reference to the message before is an error', async () => {
  const peer = new Peer(forgotten);
  assert.equal((await peer.inflate(hex('f248cdc9c90700'))).toString(), 'Hello');
  await assert.rejects(peer.inflate(hex('f200110000')), ({ cause }: ProtocolError) =>
    /invalid distance/.test(String(cause)),
  );
});

test('RFC 7692 §7.2.3.6: an empty message is 00, fresh or after others, with takeover or not', async () => {
  const nothing = new Uint8Array(0);
  for (const parameters of [kept, forgotten]) {
    const peer = new Peer(parameters);
    assert.equal(hexOf(await peer.deflate(nothing)), '00');
    assert.equal(hexOf(await peer.deflate(nothing)), '00');
    await peer.deflate(Buffer.from('Hello'));
    assert.equal(hexOf(await peer.deflate(nothing)), '00');
    assert.equal((await peer.inflate(hex('00'))).length, 0);
    peer.extension.close();
  }
});

test('RFC 7692 §7.2.3.6: an empty fragment ends a message whose text was flushed before', async () => {
  const peer = new Peer(kept);
  const first = await peer.deflate(Buffer.from('Hello'), false);
  assert.equal(hexOf(first), 'f248cdc9c907000000ffff');
  const last = await peer.deflate(new Uint8Array(0));
  assert.equal(hexOf(last), '00');
  assert.equal(
    (await peer.inflate(Buffer.concat([first, last]), [first.length])).toString(),
    'Hello',
  );
  peer.extension.close();
});

test('RFC 7692 §7.2.2: a message that ends with a flush and no octet more is understood', async () => {
  const peer = new Peer(kept);
  const flushed = 'f248cdc9c907000000ffff';
  for (const payload of ['', flushed, '', 'f2001100000000ffff', 'f200110000', '']) {
    const bytes = hex(payload);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const output = await peer.inflate(bytes, [cut]);
      assert.equal(output.toString(), payload === '' ? '' : 'Hello', `${payload} at ${cut}`);
    }
  }
  peer.extension.close();
});

test('RFC 7692 §7.2.2: data like a flush inside a message are not taken for one', async () => {
  const peer = new Peer(forgotten);
  // A stored block that holds 00 00 ff ff, cut right behind it.
  const bytes = hex('00 05 00 fa ff 00 00 ff ff 61 00');
  assert.equal(hexOf(await peer.inflate(bytes, [9])), '0000ffff61');
  // One that ends in these four and is final: nothing is missing.
  assert.equal(hexOf(await peer.inflate(hex('01 04 00 fb ff 00 00 ff ff'))), '0000ffff');
  peer.extension.close();
});

test('RFC 7692 §7.2.2: corrupt and truncated messages fail, at every cut', async () => {
  const corrupt = ['00050000 00', '07', 'f248cd06', 'ffffffff'];
  const truncated = [
    'f2',
    'f248',
    'f248cd',
    'f248cdc9',
    'f248cdc9c9',
    '0010 00ef ff61',
    '00'.repeat(3),
  ];
  for (const payload of [...corrupt, ...truncated]) {
    const bytes = hex(payload);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const peer = new Peer(forgotten);
      await assert.rejects(peer.inflate(bytes, [cut]), Error, `${payload} at ${cut}`);
      peer.extension.close();
    }
  }
});

const message = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(9)), { maxLength: 12 })
  .map((parts) =>
    Buffer.concat(parts.flatMap(([bytes, n]) => Array.from({ length: n }, () => bytes))),
  );
const fragments = fc.array(message, { minLength: 1, maxLength: 3 });
const bits = fc.integer({ min: 8, max: 15 });

test('RFC 7692 §7.2: messages in fragments come back through any window, takeover on or off', async () => {
  const messages = fc.array(fragments, { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      bits,
      fc.boolean(),
      messages,
      fc.nat(),
      async (windowBits, takeover, messages, cut) => {
        const parameters = {
          windowBits,
          peerWindowBits: windowBits,
          contextTakeover: takeover,
          peerContextTakeover: takeover,
        };
        const sender = new Peer(parameters);
        const receiver = new Peer(parameters);
        for (const fragments of messages) {
          const payloads = [];
          for (const [index, fragment] of fragments.entries()) {
            payloads.push(await sender.deflate(fragment, index === fragments.length - 1));
          }
          const payload = Buffer.concat(payloads);
          const output = await receiver.inflate(payload, [cut % (payload.length + 1)]);
          assert.deepEqual(output, Buffer.concat(fragments));
        }
        sender.extension.close();
        receiver.extension.close();
      },
    ),
  );
});

test('RFC 7692 §7.2.1: real zlib inflates what is deflated, and the other way round', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 9, max: 15 }), message, async (windowBits, message) => {
      const peer = new Peer({ ...forgotten, windowBits, peerWindowBits: windowBits });
      const options = { windowBits, finishFlush: constants.Z_SYNC_FLUSH };
      const payload = await peer.deflate(message);
      assert.deepEqual(inflateRawSync(Buffer.concat([payload, TAIL]), options), message);
      const theirs = deflateRawSync(message, options);
      assert.deepEqual(await peer.inflate(theirs.subarray(0, -4)), message);
      peer.extension.close();
    }),
  );
});

test('CP-01: a bomb is stopped at a limit: little is inflated beyond it', async () => {
  const limit = 2 ** 20;
  const bomb = deflateRawSync(Buffer.alloc(99 * limit), { level: 9 });
  const peer = new Peer(forgotten);
  let inflated = 0;
  const stopped = new Promise<void>((resolve) => {
    peer.onPiece = (bytes) => {
      inflated += bytes.length;
      if (inflated <= limit) return;
      peer.extension.close();
      resolve();
    };
  });
  void peer.inflate(bomb);
  await stopped;
  const other = new Peer(forgotten);
  for (let i = 0; i < 5; i++) await other.deflate(Buffer.alloc(100_000));
  assert.ok(inflated <= limit + 64 * 1024, `${inflated} bytes`);
  assert.equal(peer.extension.inflating, false);
});

test('CP-03: beyond 64 KiB of output a message may inflate to 100 times what was read of it', () => {
  const { extension, events, codec } = openFake(kept);
  const [kib64, some] = ['00'.repeat(65_536), 'aa'.repeat(10)];
  extension.inflate(Buffer.alloc(1000), 0, 300, false);
  codec(0).sink.onOutput(hex(kib64), 10);
  codec(0).finish();
  // What was read before counts.
  extension.inflate(Buffer.alloc(1000), 0, 600, false);
  codec(0).sink.onOutput(hex(some), 400);
  assert.equal(events.pop(), `inflated ${some}`);
  codec(0).finish();
  // The next message counts for itself.
  extension.inflate(Buffer.alloc(1000), 0, 600, true);
  codec(0).finish();
  extension.inflate(Buffer.alloc(1000), 0, 600, true);
  events.length = 0;
  codec(0).finish(kib64);
  extension.inflate(Buffer.alloc(1000), 0, 600, false);
  codec(0).sink.onOutput(hex(kib64), 600);
  events.length = 0;
  codec(0).sink.onOutput(hex(some), 600);
  assert.deepEqual(events, ['done RATIO_TOO_HIGH']);
  assert.equal(codec(0).calls.at(-1), 'close');
  assert.equal(extension.inflating, false);
});

test('CP-03: of a job only the bytes of its range count as read', () => {
  const { extension, events, codec } = openFake(kept);
  extension.inflate(new Uint8Array(2_000), 1_000, 1_010, false);
  codec(0).finish();
  extension.inflate(hex('bb'), 0, 1, true);
  codec(0).sink.onOutput(new Uint8Array(65_536 + 1), 1);
  assert.deepEqual(events, ['done', 'done RATIO_TOO_HIGH']);
});

test('RFC 7692 §7.2.2: what stands before a range is no part of its end', () => {
  const { extension, codec } = openFake(kept);
  extension.inflate(hex('0000ffff'), 2, 4, true);
  assert.deepEqual(codec(0).calls, ['run ffff + 0000ffff']);
});

test('RFC 7692 §7.2.3.4: too many final blocks are another violation than broken data', () => {
  const { extension, events, codec } = openFake(kept);
  extension.inflate(hex('03'), 0, 1, true);
  codec(0).sink.onDone(new RangeError('too many final blocks'));
  assert.deepEqual(events, ['done TOO_MANY_BLOCKS: too many final blocks']);
});

test('CP-01: pieces are held back while inflation is paused', async () => {
  const peer = new Peer(kept);
  let pieces = 0;
  peer.onPiece = () => {
    pieces++;
    peer.extension.pauseInflation();
    setImmediate(() => {
      const before = pieces;
      void other.deflate(Buffer.alloc(10_000)).then(() => {
        assert.equal(pieces, before);
        peer.extension.resumeInflation();
      });
    });
  };
  const other = new Peer(forgotten);
  const whole = Buffer.alloc(600_000, 'abc');
  const payload = deflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  assert.deepEqual(await peer.inflate(payload), whole);
  assert.ok(pieces > 3, `${pieces} pieces`);
  peer.extension.close();
});

test('RFC 7692 §6: the threshold decides which messages are compressed', () => {
  const { extension } = openFake(kept, 100);
  assert.deepEqual(
    [0, 99, 100, 101].map((length) => extension.wants(length)),
    [false, false, true, true],
  );
});

test('RFC 7692 §7.1.2: codecs are made on first use, each with its own window', () => {
  const { extension, made, codec } = openFake({ ...kept, windowBits: 9, peerWindowBits: 12 });
  assert.deepEqual(made, []);
  extension.inflate(hex('00'), 0, 1, false);
  extension.deflate(hex('61'), true);
  assert.deepEqual(made, [12, { windowBits: 9, level: 3, memoryLevel: 5 }]);
  codec(0).finish();
  codec(1).finish('00 0000ffff');
  extension.inflate(hex('00'), 0, 1, true);
  extension.deflate(hex('62'), true);
  assert.equal(made.length, 2);
});

test('RFC 7692 §7.1.1: a codec is closed at the end of a message, and only without takeover', () => {
  for (const [contextTakeover, peerContextTakeover] of [
    [true, false],
    [false, true],
  ] as const) {
    const { extension, codec } = openFake({ ...wide, contextTakeover, peerContextTakeover });
    for (const last of [false, true]) {
      extension.deflate(hex('61'), last);
      codec(0).finish('00 0000ffff');
      extension.inflate(hex('ff 62 ff'), 1, 2, last);
      codec(1).finish();
    }
    const out = ['run 61', 'run 61', ...(contextTakeover ? [] : ['close'])];
    const back = ['run 62', 'run 62 + 0000ffff', ...(peerContextTakeover ? [] : ['close'])];
    assert.deepEqual([codec(0).calls, codec(1).calls], [out, back]);
  }
});

test('RFC 7692 §7.2.1: the pieces of a job make one payload, without its tail when it was the last', () => {
  const { extension, events, codec } = openFake(kept);
  extension.deflate(hex('61'), false);
  codec(0).finish();
  extension.deflate(hex('61'), false);
  codec(0).finish('aa', 'bb 0000ffff');
  extension.deflate(hex('61'), true);
  codec(0).finish('aa', 'bb 0000', 'ff', 'ff');
  extension.deflate(hex('61'), true);
  codec(0).finish('aa 00 0000ffff');
  extension.deflate(hex('61'), true);
  codec(0).finish();
  const payloads = ['', 'aabb0000ffff', 'aabb', 'aa00', '00'];
  assert.deepEqual(
    events,
    payloads.map((payload) => `deflated ${payload}`),
  );
});

test('jobs of both directions run side by side, and the flags tell which', () => {
  const { extension, events, codec } = openFake(kept);
  const flags = () => [extension.deflating, extension.inflating];
  assert.deepEqual(flags(), [false, false]);
  extension.deflate(hex('61'), true);
  assert.deepEqual(flags(), [true, false]);
  extension.inflate(hex('62'), 0, 1, true);
  assert.deepEqual(flags(), [true, true]);
  codec(0).finish('00 0000ffff');
  assert.deepEqual(flags(), [false, true]);
  codec(1).finish('0a', '0b');
  assert.deepEqual(flags(), [false, false]);
  assert.deepEqual(events, ['deflated 00', 'inflated 0a', 'inflated 0b', 'done']);
});

test('RFC 7692 §7.2.1: a deflater that fails is replaced; the bytes leave without compression', () => {
  const { extension, events, made, codec } = openFake(kept);
  extension.deflate(hex('61'), false);
  codec(0).sink.onOutput(hex('aa'), 1);
  codec(0).sink.onDone(new Error('out of memory'));
  extension.deflate(hex('62'), true);
  codec(1).finish('bb 0000ffff');
  assert.equal(made.length, 2);
  assert.deepEqual(events, ['deflated 000100feff61000000ffff', 'deflated bb']);
});

test('a failed inflation is reported once, with its cause', () => {
  const { extension, events, codec } = openFake(kept);
  extension.inflate(hex('07'), 0, 1, true);
  codec(0).sink.onDone(new Error('invalid block type'));
  assert.deepEqual(events, ['done INVALID_DEFLATE: invalid block type']);
  assert.equal(extension.inflating, false);
});

test('pausing reaches the inflater, also one that is made later', () => {
  const { extension, codec } = openFake(kept);
  extension.pauseInflation();
  extension.inflate(hex('61'), 0, 1, false);
  extension.resumeInflation();
  extension.pauseInflation();
  extension.resumeInflation();
  assert.deepEqual(codec(0).calls, ['pause', 'run 61', 'resume', 'pause', 'resume']);
  const idle = openFake(kept);
  idle.extension.pauseInflation();
  idle.extension.resumeInflation();
  idle.extension.inflate(hex('61'), 0, 1, false);
  assert.deepEqual(idle.codec(0).calls, ['run 61']);
});

test('close drops both jobs, and may come before any was started', () => {
  const idle = openFake(kept);
  idle.extension.close();
  assert.deepEqual(idle.made, []);
  const { extension, events, codec } = openFake(kept);
  extension.deflate(hex('61'), true);
  extension.inflate(hex('62'), 0, 1, true);
  extension.close();
  assert.deepEqual([codec(0).calls.at(-1), codec(1).calls.at(-1)], ['close', 'close']);
  assert.deepEqual([extension.deflating, extension.inflating], [false, false]);
  assert.deepEqual(events, []);
});

test('RFC 6455 §7.1.7: decompression ends alone, and compression goes on', () => {
  const { extension, events, codec } = openFake(kept);
  extension.dropInflation();
  extension.deflate(hex('6162'), true);
  extension.inflate(hex('aa'), 0, 1, false);
  extension.dropInflation();
  assert.deepEqual([extension.deflating, extension.inflating], [true, false]);
  assert.equal(codec(1).calls.at(-1), 'close');
  codec(0).finish('bb0000ffff');
  assert.deepEqual(events, ['deflated bb']);
});

/** A codec that does jobs at once, as long as there is something for it to give. */
class QuickCodec extends FakeCodec {
  readonly gives: string[] = [];

  runNow(input: Uint8Array, ending: Uint8Array, maxLength: number, forgets: boolean) {
    const given = this.gives.shift();
    const end = forgets ? ' and forget' : '';
    this.calls.push(`now ${hexOf(input)} + ${hexOf(ending)} up to ${maxLength}${end}`);
    return given === undefined ? undefined : hex(given);
  }
}

/** The extension over codecs that do so many jobs at once as they have results for. */
function openQuick(parameters: DeflateParameters, gives: readonly string[]) {
  const codecs: QuickCodec[] = [];
  const events: string[] = [];
  const make = (_: unknown, sink: CodecSink) => {
    const codec = new QuickCodec(sink);
    codec.gives.push(...gives);
    codecs.push(codec);
    return codec;
  };
  const extension = new PermessageDeflate(
    parameters,
    settings,
    {
      onDeflated: (payload) => events.push(`deflated ${hexOf(payload)}`),
      onInflated: (bytes) => events.push(`inflated ${hexOf(bytes)}`),
      onInflateDone: (error) => events.push(`done${toldBy(error)}`),
    },
    { createDeflater: make, createInflater: make },
  );
  const codec = (index: number) => codecs[index] ?? assert.fail(`codec ${index} was not made`);
  const deflateNow = (payload: string, last: boolean) => {
    const deflated = extension.deflateNow(hex(payload), last);
    return deflated && hexOf(deflated);
  };
  const inflateNow = (payload: string, maxLength = 1000) => {
    const bytes = hex(`ff${payload}ff`);
    const inflated = extension.inflateNow(bytes, 1, bytes.length - 1, maxLength);
    return inflated && hexOf(inflated);
  };
  return { extension, codecs, codec, events, deflateNow, inflateNow };
}

test('RFC 7692 §7.2.1: what is compressed at once loses the tail at the end of a message alone', () => {
  const { extension, codecs, codec, events, deflateNow } = openQuick(kept, [
    'aa0000ffff',
    'bb000000ffff',
    '',
  ]);
  assert.equal(deflateNow('61', false), 'aa0000ffff');
  assert.equal(deflateNow('62', true), 'bb00');
  assert.equal(deflateNow('', true), '00');
  assert.equal(deflateNow('63', true), undefined);
  assert.equal(extension.deflating, false);
  extension.deflate(hex('63'), true);
  codec(0).finish('cc0000ffff');
  assert.deepEqual([codecs.length, events], [1, ['deflated cc']]);
  assert.deepEqual(codec(0).calls, [
    'now 61 +  up to Infinity',
    'now 62 +  up to Infinity',
    'now  +  up to Infinity',
    'now 63 +  up to Infinity',
    'run 63',
  ]);
});

test('RFC 7692 §7.1.1: at once as well, a codec without takeover is closed behind a message', () => {
  const { codecs, codec, deflateNow, inflateNow } = openQuick(forgotten, ['aa0000ffff']);
  deflateNow('61', false);
  assert.equal(deflateNow('62', true), undefined);
  assert.deepEqual(codec(0).calls, [
    'now 61 +  up to Infinity',
    'now 62 +  up to Infinity and forget',
  ]);
  codec(0).gives.push('bb0000ffff');
  assert.equal(deflateNow('62', true), 'bb');
  assert.equal(codec(0).calls.at(-1), 'close');
  assert.equal(inflateNow('00'), 'aa0000ffff');
  assert.deepEqual(codec(1).calls, ['now 00 + 0000ffff up to 1000 and forget', 'close']);
  assert.equal(codecs.length, 2);
});

test('RFC 7692 §7.2.2: at once a message is inflated whole, with the tail where it is missing', () => {
  const { codec, inflateNow } = openQuick(kept, ['6161', '', '62']);
  assert.equal(inflateNow('f248cd'), '6161');
  assert.equal(inflateNow(''), '');
  assert.equal(inflateNow('000000ffff'), '62');
  assert.deepEqual(codec(0).calls, [
    'now f248cd + 0000ffff up to 1000',
    'now  +  up to 1000',
    'now 000000ffff +  up to 1000',
  ]);
});

test('CP-03: at once a message inflates to no more than passes at any ratio', () => {
  const { codec, inflateNow } = openQuick(kept, []);
  inflateNow('00', 65_535);
  inflateNow('00', 1_000_000);
  assert.deepEqual(codec(0).calls, [
    'now 00 + 0000ffff up to 65535',
    'now 00 + 0000ffff up to 65536',
  ]);
});

test('RFC 7692 §7.2.2: what is not inflated at once is inflated like any other message', () => {
  const { extension, codec, events, inflateNow } = openQuick(kept, []);
  assert.equal(inflateNow('f248'), undefined);
  assert.equal(extension.inflating, false);
  extension.inflate(hex('f248'), 0, 2, true);
  codec(0).finish('61');
  // Neither part of a message nor what comes behind a pause is taken at once.
  extension.inflate(hex('00'), 0, 1, false);
  codec(0).finish();
  codec(0).gives.push('62', '63');
  assert.equal(inflateNow('0000ff'), undefined);
  extension.inflate(hex('ff'), 0, 1, true);
  codec(0).finish();
  extension.pauseInflation();
  assert.equal(inflateNow('00'), undefined);
  extension.resumeInflation();
  assert.equal(inflateNow('00'), '62');
  assert.deepEqual(events, ['inflated 61', 'done', 'done', 'done']);
  assert.deepEqual(codec(0).calls.slice(0, 4), [
    'now f248 + 0000ffff up to 1000',
    'run f248 + 0000ffff',
    'run 00',
    'run ff + 0000ffff',
  ]);
});

test('CP-05: the 65th message of a chunk is not inflated at once, so that others have their turn', () => {
  const { extension, codec, inflateNow } = openQuick(kept, []);
  inflateNow('');
  codec(0).gives.push(...Array<string>(300).fill('61'));
  const inARow = () => {
    let count = 0;
    while (inflateNow('00') !== undefined) count++;
    return count;
  };
  assert.deepEqual([inARow(), inARow()], [64, 0]);
  extension.inflate(hex('00'), 0, 1, true);
  codec(0).finish();
  assert.deepEqual([inARow(), inARow()], [64, 0]);
  extension.startChunk();
  assert.deepEqual([inARow(), inARow()], [64, 0]);
});

test('a host that can do nothing at once lets every job take its time', () => {
  const { extension } = openFake(kept);
  assert.equal(extension.deflateNow(hex('61'), true), undefined);
  assert.equal(extension.inflateNow(hex('00'), 0, 1, 1000), undefined);
});

test('RFC 7692 §7.1.1: messages at once and others, in any order, share the windows', async () => {
  const steps = fc.array(fc.tuple(message, fc.boolean(), fc.boolean()), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(bits, fc.boolean(), steps, async (windowBits, takeover, steps) => {
      const parameters = {
        windowBits,
        peerWindowBits: windowBits,
        contextTakeover: takeover,
        peerContextTakeover: takeover,
      };
      const sender = new Peer(parameters);
      const receiver = new Peer(parameters);
      for (const [bytes, deflatesNow, inflatesNow] of steps) {
        const now = deflatesNow ? sender.extension.deflateNow(bytes, true) : undefined;
        const payload = now ?? (await sender.deflate(bytes));
        const output = inflatesNow
          ? receiver.extension.inflateNow(payload, 0, payload.length, 100_000)
          : undefined;
        assert.deepEqual(Buffer.from(output ?? (await receiver.inflate(payload))), bytes);
      }
      sender.extension.close();
      receiver.extension.close();
    }),
  );
});
