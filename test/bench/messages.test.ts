import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';

import { check } from '../../bench/load/expectation.ts';
import { serverFrame, takeFrame } from '../../bench/load/frames.ts';
import { deflated, inflated, jsonMessage, prepareFrames } from '../../bench/load/messages.ts';
import type { EchoPlan } from '../../bench/load/plan.ts';
import { Random } from '../../bench/load/random.ts';

const plan: EchoPlan = {
  kind: 'echo',
  connections: 1,
  inFlight: 1,
  type: 'text',
  size: 1_024,
  seed: 7,
  deflate: 'takeover',
};

/** Takes `count` messages from a source and gives their payloads. */
function payloads(given: EchoPlan, count: number): Uint8Array[] {
  const source = prepareFrames(given)();
  return Array.from({ length: count }, () => {
    const taken = takeFrame(Buffer.from(source.take(1)));
    assert.equal(taken?.[0].rsv, 4);
    return taken?.[0].payload ?? new Uint8Array(0);
  });
}

describe('bench: messages', () => {
  test('JSON has exactly the size asked for, and the seed repeats it', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const text = jsonMessage(new Random(seed), 1_024);
      assert.equal(Buffer.byteLength(text), 1_024);
      assert.equal(typeof JSON.parse(text), 'object');
      assert.equal(jsonMessage(new Random(seed), 1_024), text);
    }
  });

  test('RFC 7692 §7.2.1: with takeover the circle of messages stays one stream', () => {
    let history: Uint8Array = new Uint8Array(0);
    const sizes: number[] = [];
    for (const payload of payloads(plan, 50)) {
      const message = inflated(payload, history);
      assert.doesNotThrow(() => JSON.parse(Buffer.from(message).toString()));
      assert.equal(message.length, 1_024);
      history = Buffer.concat([history, message]);
      sizes.push(payload.length);
    }
    assert.ok(Number(sizes[40]) < Number(sizes[0]), 'what came before helps');
  });

  test('RFC 7692 §7.1.1: without takeover every message stands alone', () => {
    for (const payload of payloads({ ...plan, deflate: 'fresh' }, 20)) {
      assert.equal(inflated(payload, new Uint8Array(0)).length, 1_024);
    }
  });

  test('RFC 7692 §7.2.1: the tail is left out', () => {
    const bytes = deflated(Buffer.from('hello'), new Uint8Array(0));
    const whole = Buffer.concat([bytes, Uint8Array.of(0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff)]);
    assert.equal(inflateRawSync(whole).toString(), 'hello');
  });
});

describe('bench: what comes back', () => {
  const payload = Buffer.from('abc');
  const received = (frame: Uint8Array) => takeFrame(Buffer.from(frame))?.[0] ?? assert.fail();

  test('the same message passes', () => {
    check(received(serverFrame('text', payload)), { type: 'text', payload });
  });

  test('another byte, another type, a fragment or no compression do not', () => {
    const expected = { type: 'text', payload } as const;
    const other = received(serverFrame('text', Buffer.from('abd')));
    assert.throws(() => check(other, expected), /differs/);
    assert.throws(() => check(received(serverFrame('binary', payload)), expected), /whole message/);
    const fragment = { ...received(serverFrame('text', payload)), fin: false };
    assert.throws(() => check(fragment, expected), /whole message/);
    const plain = received(serverFrame('text', payload));
    assert.throws(() => check(plain, { ...expected, history: payload }), /not compressed/);
  });
});
