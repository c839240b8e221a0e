import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ProtocolError } from '../../../src/protocol/errors.ts';
import {
  FrameDecoder,
  type FrameSink,
  type WholeFrameSink,
} from '../../../src/protocol/frame/decoder.ts';
import type { FrameHeader, HeaderRules } from '../../../src/protocol/frame/header.ts';
import { atEveryCut, feed, hex, unhex } from '../../support/recorder.ts';

const client: HeaderRules = { masked: false, allowRsv1: false };
const server: HeaderRules = { masked: true, allowRsv1: false };

/** Joins the pieces of each frame and can act inside a call. */
class Frames implements FrameSink {
  readonly frames: string[] = [];
  readonly pieces: Uint8Array[] = [];
  onCall: (what: 'frame' | 'payload') => void = () => {};
  #payload = '';

  onFrame(header: FrameHeader): void {
    this.#payload = `${header.fin ? 'fin ' : ''}${header.opcode}:`;
    this.onCall('frame');
  }

  onPayload(
    _header: FrameHeader,
    bytes: Uint8Array,
    start: number,
    end: number,
    last: boolean,
  ): void {
    this.pieces.push(bytes.subarray(start, end));
    this.#payload += hex(bytes.subarray(start, end));
    if (last) this.frames.push(this.#payload);
    this.onCall('payload');
  }
}

function create(rules = client): { readonly decoder: FrameDecoder; readonly frames: Frames } {
  const frames = new Frames();
  return { decoder: new FrameDecoder(rules, frames), frames };
}

const two = unhex('81026869 0203010203');
const twoFrames = ['fin 1:6869', '2:010203'];

test('F017, F018: frames come out the same at every cut', () => {
  atEveryCut(two, (cuts) => {
    const { decoder, frames } = create();
    feed((chunk) => decoder.decode(chunk), two, cuts);
    assert.deepEqual(frames.frames, twoFrames);
    assert.equal(decoder.midFrame, false);
  });
});

test('RFC 6455 §5.3: masked frames of all length forms come out unmasked, at every cut', () => {
  const wire = unhex(
    `818537fa213d7f9f4d5158 82fe007e01020304${'01020304'.repeat(31)}0102 898000000001`,
  );
  atEveryCut(wire, (cuts) => {
    const { decoder, frames } = create(server);
    feed((chunk) => decoder.decode(chunk), wire, cuts);
    assert.deepEqual(frames.frames, ['fin 1:48656c6c6f', `fin 2:${'00'.repeat(126)}`, 'fin 9:']);
  });
});

test('F020: a payload is unmasked in place and handed on as a range of the chunk', () => {
  const chunk = unhex('818537fa213d7f9f4d5158');
  const { decoder, frames } = create(server);
  decoder.decode(chunk);
  assert.equal(frames.pieces[0]?.buffer, chunk.buffer);
  assert.equal(hex(chunk.subarray(6)), '48656c6c6f');
});

test('RFC 6455 §5.2: a payload is handed on as it arrives, with what is still to come', () => {
  const { decoder, frames } = create();
  const remaining: number[] = [];
  frames.onCall = () => remaining.push(decoder.remaining);
  assert.equal(decoder.remaining, 0);
  for (const chunk of ['8205', '0102', '03', '0405']) decoder.decode(unhex(chunk));
  assert.deepEqual(remaining, [5, 3, 2, 0]);
  assert.equal(frames.pieces.length, 3);
});

test('a frame is begun from its first byte on', () => {
  const { decoder } = create();
  const states: boolean[] = [decoder.midFrame];
  for (const byte of ['82', '02', '01', '02']) {
    decoder.decode(unhex(byte));
    states.push(decoder.midFrame);
  }
  assert.deepEqual(states, [false, true, true, true, false]);
});

test('empty chunks change nothing', () => {
  const { decoder, frames } = create();
  for (const chunk of ['', '82', '', '', '0201', '', '02', '']) decoder.decode(unhex(chunk));
  assert.deepEqual(frames.frames, ['fin 2:0102']);
});

test('what is taken while suspended is kept, and decoded in order on resume', () => {
  atEveryCut(two, (cuts) => {
    const { decoder, frames } = create();
    decoder.suspend();
    feed((chunk) => decoder.decode(chunk), two, cuts);
    assert.deepEqual(frames.frames, []);
    assert.equal(decoder.pendingLength, two.length);
    decoder.resume();
    assert.deepEqual(frames.frames, twoFrames);
    assert.equal(decoder.pendingLength, 0);
  });
});

test('what waits counts with the whole memory it lies in, until it is decoded', () => {
  const { decoder, frames } = create();
  assert.equal(decoder.heldAmount, 0);
  const inside = new Uint8Array(1_000);
  inside.set(two, 10);
  decoder.decode(inside.subarray(10, 10 + two.length));
  assert.equal(decoder.heldAmount, 0);
  frames.onCall = () => decoder.suspend();
  decoder.decode(inside.subarray(10, 10 + two.length));
  decoder.decode(Uint8Array.from(two));
  decoder.decode(new Uint8Array(500).subarray(0, 0));
  assert.equal(decoder.heldAmount, 1_000 + two.length + 500);
  frames.onCall = () => {};
  decoder.resume();
  assert.equal(decoder.heldAmount, 0);
  decoder.suspend();
  decoder.decode(Uint8Array.from(two));
  decoder.decode(Uint8Array.from(two));
  decoder.stop();
  assert.equal(decoder.heldAmount, 0);
});

test('a chunk that was read to its end counts while its last payload is being worked on', () => {
  const { decoder, frames } = create();
  frames.onCall = (what) => {
    if (what === 'payload') decoder.suspend();
  };
  decoder.decode(Uint8Array.from(unhex('81026869')));
  assert.deepEqual([decoder.pendingLength, decoder.heldAmount], [0, 4]);
  decoder.decode(new Uint8Array(100));
  assert.deepEqual([decoder.pendingLength, decoder.heldAmount], [100, 104]);
});

test('a sink may suspend in any call, and nothing is lost or seen twice', () => {
  atEveryCut(two, (cuts) => {
    const { decoder, frames } = create();
    let calls = 0;
    frames.onCall = () => {
      calls++;
      decoder.suspend();
    };
    feed((chunk) => decoder.decode(chunk), two, cuts);
    assert.ok(calls <= 1);
    for (let round = 0; round < 20; round++) decoder.resume();
    assert.deepEqual(frames.frames, twoFrames);
  });
});

test('a sink may stop in any call, and hears nothing more', () => {
  for (const last of [1, 2, 3, 4]) {
    const { decoder, frames } = create();
    let calls = 0;
    frames.onCall = () => {
      if (++calls === last) decoder.stop();
    };
    decoder.decode(Uint8Array.from(two));
    decoder.decode(Uint8Array.from(two));
    decoder.resume();
    assert.equal(calls, last);
    assert.deepEqual([decoder.pendingLength, decoder.midFrame], [0, false]);
  }
});

test('a sink may throw in any call, and the next chunk goes on behind it', () => {
  for (const last of [1, 2, 3, 4]) {
    const { decoder, frames } = create();
    let calls = 0;
    frames.onCall = () => {
      if (++calls === last) throw new Error('of the sink');
    };
    assert.throws(() => decoder.decode(Uint8Array.from(two)), { message: 'of the sink' });
    assert.equal(decoder.running, false);
    decoder.decode(unhex('8a00'));
    assert.deepEqual(frames.frames, [...twoFrames, 'fin 10:']);
  }
});

test('bytes that arrive inside a call are decoded after it', () => {
  const { decoder, frames } = create();
  frames.onCall = (what) => {
    if (what === 'frame' || frames.frames.length > 1) return;
    assert.equal(decoder.running, true);
    decoder.decode(unhex('8a00'));
    decoder.resume();
    assert.equal(frames.frames.length, 1);
  };
  decoder.decode(Uint8Array.from(two));
  assert.deepEqual(frames.frames, [...twoFrames, 'fin 10:']);
});

test('a broken header throws and tells the rule', () => {
  for (const rules of [client, server]) {
    const { decoder } = create(rules);
    const broken = rules.masked ? '8100' : '8180';
    assert.throws(() => decoder.decode(unhex(broken)), ProtocolError);
  }
});

test('a borrowed chunk is needed no more afterwards, wherever the sink suspends', () => {
  for (let calls = 1; calls <= 4; calls++) {
    atEveryCut(two, (cuts) => {
      const { decoder, frames } = create();
      let left = calls;
      frames.onCall = () => {
        if (--left === 0) decoder.suspend();
      };
      const lend = (chunk: Uint8Array): void => {
        const lent = Uint8Array.from([...chunk, ...Array<number>(100).fill(0)]);
        decoder.decode(lent.subarray(0, chunk.length), true);
        lent.fill(0xff);
        assert.ok(decoder.heldAmount <= two.length);
      };
      feed(lend, two, cuts);
      decoder.resume();
      assert.deepEqual(frames.frames, twoFrames);
      assert.deepEqual([decoder.pendingLength, decoder.heldAmount], [0, 0]);
    });
  }
});

test('what waits stays in its memory, whatever is lent behind it', () => {
  const { decoder, frames } = create();
  frames.onCall = () => decoder.suspend();
  const inside = new Uint8Array(1_000);
  inside.set(two);
  decoder.decode(inside.subarray(0, two.length));
  const lent = unhex('8a00');
  decoder.decode(lent, true);
  assert.equal(decoder.heldAmount, 1_000 + lent.length);
  lent.fill(0xff);
  frames.onCall = () => {};
  decoder.resume();
  assert.deepEqual(frames.frames, [...twoFrames, 'fin 10:']);
});

test('what is behind a call that throws is kept, also of a borrowed chunk', () => {
  const { decoder, frames } = create();
  frames.onCall = () => {
    frames.onCall = () => {};
    throw new Error('the sink broke');
  };
  const lent = Uint8Array.from(two);
  assert.throws(() => decoder.decode(lent, true), /the sink broke/);
  lent.fill(0xff);
  decoder.resume();
  assert.deepEqual(frames.frames.at(-1), twoFrames.at(-1));
  assert.equal(decoder.heldAmount, 0);
});

/** Takes binary frames whole. */
class WholeFrames extends Frames implements WholeFrameSink {
  takesWhole(header: FrameHeader): boolean {
    return header.opcode === 2;
  }

  onWhole(header: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    this.frames.push(`whole ${header.opcode}:${hex(bytes.subarray(start, end))}`);
    this.onCall('payload');
  }
}

function createWhole(rules = client) {
  const frames = new WholeFrames();
  return { decoder: new FrameDecoder(rules, frames), frames };
}

test('a frame that came whole is told in one call to a sink that takes it', () => {
  atEveryCut(two, (cuts) => {
    const { decoder, frames } = createWhole();
    feed((chunk) => decoder.decode(chunk), two, cuts);
    // The payload of the second frame lies from 6 to 9.
    const parts = cuts.some((cut) => cut > 5 && cut < 9);
    assert.deepEqual(frames.frames, ['fin 1:6869', parts ? '2:010203' : 'whole 2:010203']);
    assert.equal(decoder.midFrame, false);
  });
});

test('RFC 6455 §5.3: a frame that came whole is unmasked, whatever its key', () => {
  const { decoder, frames } = createWhole(server);
  decoder.decode(unhex('8285010203040103020406 828000000000 8281000000007f'));
  assert.deepEqual(frames.frames, ['whole 2:0001010007', 'whole 2:', 'whole 2:7f']);
});

test('a sink that takes whole frames may suspend and stop between them', () => {
  const { decoder, frames } = createWhole();
  frames.onCall = () => decoder.suspend();
  decoder.decode(unhex('820101 820102 820103'));
  assert.deepEqual(frames.frames, ['whole 2:01']);
  assert.equal(decoder.pendingLength, 6);
  decoder.resume();
  frames.onCall = () => decoder.stop();
  decoder.resume();
  assert.deepEqual(frames.frames, ['whole 2:01', 'whole 2:02', 'whole 2:03']);
});

for (const [wire, what] of [
  ['81026869', 'a piece that ends a frame'],
  ['82026869', 'a whole frame'],
  ['81036869', 'a piece of a frame that goes on'],
] as const) {
  test(`a sink may transfer a chunk away with what ended it: ${what}`, () => {
    for (const suspends of [false, true]) {
      const { decoder, frames } = createWhole();
      const chunk = new Uint8Array(unhex(wire));
      frames.onCall = (call) => {
        if (call !== 'payload') return;
        structuredClone(chunk, { transfer: [chunk.buffer] });
        if (suspends) decoder.suspend();
        frames.onCall = () => {};
      };
      decoder.decode(chunk);
      assert.deepEqual([chunk.length, decoder.pendingLength], [0, 0]);
      const rest = unhex(`${decoder.midFrame ? '6a' : ''}8203010203`);
      decoder.decode(rest);
      assert.equal(decoder.pendingLength, suspends ? rest.length : 0);
      decoder.resume();
      assert.equal(frames.frames.at(-1), 'whole 2:010203');
    }
  });
}
