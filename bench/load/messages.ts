import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

import { maskedFrame, repeated } from './frames.ts';
import type { EchoPlan } from './plan.ts';
import { Random } from './random.ts';

/** Messages ready to be sent, for one connection. */
export interface FrameSource {
  /** Gives the bytes of the next `count` messages. */
  take(count: number): Uint8Array;
}

/** The window of the load generator's deflater, in bits; any server must accept a smaller one. */
const windowBits = 12;

/** The tail that RFC 7692 §7.2.1 leaves out. */
const tail = Uint8Array.of(0, 0, 0xff, 0xff);

/** How many different messages follow each other before they repeat; they outdo the window. */
const variety = 8;

/** A message of JSON, of exactly `size` bytes, all ASCII. */
export function jsonMessage(random: Random, size: number): string {
  const records: object[] = [];
  const text = (note: string): string => JSON.stringify({ type: 'update', records, note });
  while (text('').length < size - 120) {
    records.push({
      id: random.below(100_000),
      user: random.text(8),
      active: random.below(2) === 1,
      price: random.below(100_000) / 100,
      tags: ['alpha', 'beta', 'gamma'].slice(random.below(3)),
    });
  }
  return text(random.text(size - text('').length));
}

/** The payload of one message of a plan before compression. */
export function payloadOf({ type, size, deflate }: EchoPlan, random: Random): Uint8Array {
  if (deflate !== undefined) return Buffer.from(jsonMessage(random, size));
  return type === 'text' ? Buffer.from(random.text(size)) : random.bytes(size);
}

/** Compresses a message after `history`, of which a window's worth counts (RFC 7692 §7.2.1). */
export function deflated(message: Uint8Array, history: Uint8Array): Uint8Array {
  const dictionary = history.subarray(-(1 << windowBits));
  const bytes = deflateRawSync(message, {
    windowBits,
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(dictionary.length > 0 && { dictionary }),
  });
  return bytes.subarray(0, bytes.length - tail.length);
}

/** Undoes what a server did to a message after `history` (RFC 7692 §7.2.2). */
export function inflated(payload: Uint8Array, history: Uint8Array): Uint8Array {
  const dictionary = history.subarray(-32_768);
  return inflateRawSync(Buffer.concat([payload, tail]), {
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(dictionary.length > 0 && { dictionary }),
  });
}

/** The same message again and again, out of one piece of memory. */
export class RepeatedFrame implements FrameSource {
  readonly #length: number;
  readonly #all: Uint8Array;

  constructor(frame: Uint8Array, atMost: number) {
    this.#length = frame.length;
    this.#all = repeated(frame, atMost);
  }

  take(count: number): Uint8Array {
    return this.#all.subarray(0, count * this.#length);
  }
}

/** Compressed messages in a circle: first those that have less before them than later ones. */
class CompressedFrames implements FrameSource {
  readonly #frames: readonly Uint8Array[];
  #next = 0;

  constructor(frames: readonly Uint8Array[]) {
    this.#frames = frames;
  }

  take(count: number): Uint8Array {
    const some = Array.from({ length: count }, () => this.#take());
    return some.length === 1 && some[0] !== undefined ? some[0] : Buffer.concat(some);
  }

  #take(): Uint8Array {
    const frame = this.#frames[this.#next];
    this.#next += 1;
    if (this.#next === this.#frames.length) this.#next -= variety;
    return frame ?? new Uint8Array(0);
  }
}

function compressedFrames(plan: EchoPlan): readonly Uint8Array[] {
  const random = new Random(plan.seed);
  const messages = Array.from({ length: variety }, () => payloadOf(plan, random));
  const round = Buffer.concat(messages);
  const none = new Uint8Array(0);
  return [0, 1].flatMap((lap) =>
    messages.map((message, index) => {
      const before = Buffer.concat([lap === 0 ? none : round, ...messages.slice(0, index)]);
      const history = plan.deflate === 'takeover' ? before : none;
      return maskedFrame(plan.type, deflated(message, history), random, 4);
    }),
  );
}

/** Prepares the messages of a plan; every connection gets a source of its own. */
export function prepareFrames(plan: EchoPlan): () => FrameSource {
  if (plan.deflate !== undefined) {
    const frames = compressedFrames(plan);
    return () => new CompressedFrames(frames);
  }
  const random = new Random(plan.seed);
  const frame = maskedFrame(plan.type, payloadOf(plan, random), random);
  const source = new RepeatedFrame(frame, plan.inFlight);
  return () => source;
}
