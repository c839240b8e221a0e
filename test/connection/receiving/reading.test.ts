import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Hold, Reading } from '../../../src/connection/receiving/reading.ts';
import { Deadlines } from '../../../src/connection/timing/deadlines.ts';
import { encodeFrame } from '../../../src/protocol/frame/encoder.ts';
import { Opcode } from '../../../src/protocol/opcode.ts';
import { Protocol } from '../../../src/protocol/protocol.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { optionsOf } from '../raw-peer.ts';

/** A text as a server sends it. */
const frame = (text: string): Uint8Array => encodeFrame(Opcode.Text, text);

/** Reading for a client whose protocol and transport log what they are told. */
function makeReading(onText: (text: string) => void = () => {}) {
  const log: string[] = [];
  const transport = {
    bufferedAmount: 0,
    blocked: false,
    start() {},
    write() {},
    pause: () => void log.push('pause'),
    resume: () => void log.push('resume'),
    end() {},
    destroy() {},
  };
  const clock = new VirtualClock();
  const protocol: Protocol = new Protocol(
    { role: 'client', maxMessageSize: 1_000 },
    {
      onText: (text) => {
        log.push(text);
        onText(text);
      },
      onBinary() {},
      onPing() {},
      onPong() {},
      onEnd() {},
      onViolation: (error) => assert.fail(error),
      onReady: () => reading.onReady(),
      write() {},
    },
  );
  const heartbeat = { interval: 1_000, timeout: 1_000 };
  const deadlines = new Deadlines(clock, optionsOf('client', { heartbeat }), {
    ping: () => void log.push('ping'),
    lost() {},
    fail() {},
    linger() {},
  });
  const reading: Reading = new Reading(protocol, transport, deadlines);
  return { reading, log, clock };
}

describe('Reading', () => {
  test('a hold suspends at once; the first chunk that comes then pauses the transport, once', () => {
    const { reading, log } = makeReading();
    reading.receive(frame('a'));
    reading.hold(Hold.Paused);
    assert.deepEqual(log, ['a']);
    for (const text of ['b', 'c', 'd']) reading.receive(frame(text));
    assert.deepEqual(log, ['a', 'pause']);
    reading.release(Hold.Paused);
    assert.deepEqual(log, ['a', 'pause', 'b', 'c', 'd', 'resume']);
    reading.receive(frame('e'));
    assert.equal(log.at(-1), 'e');
  });

  test('a transport that was not paused is not resumed', () => {
    const { reading, log } = makeReading((text) => {
      if (text === 'a') reading.hold(Hold.QueueFull);
    });
    reading.receive(Buffer.concat([frame('a'), frame('b')]));
    reading.release(Hold.QueueFull);
    assert.deepEqual(log, ['a', 'b']);
  });

  test('reads on only when the last reason is gone', () => {
    const { reading, log } = makeReading();
    reading.hold(Hold.Paused);
    reading.hold(Hold.QueueFull);
    reading.hold(Hold.QueueFull);
    reading.receive(frame('a'));
    reading.release(Hold.QueueFull);
    reading.release(Hold.Undecided);
    assert.deepEqual([reading.holds(Hold.Paused), reading.holds(Hold.QueueFull)], [true, false]);
    assert.deepEqual(log, ['pause']);
    reading.release(Hold.Paused);
    assert.deepEqual(log, ['pause', 'a', 'resume']);
  });

  test('a decision lets a message that waited for it be read on', () => {
    const { reading, log } = makeReading();
    reading.hold(Hold.Undecided);
    reading.receive(frame('a'));
    reading.decide(false);
    assert.equal(reading.holds(Hold.Undecided), false);
    assert.deepEqual(log, ['pause', 'a', 'resume']);
  });

  test('a hold inside a message keeps what follows it in the chunk', () => {
    const { reading, log } = makeReading((text) => {
      if (text === 'a') reading.hold(Hold.Paused);
    });
    reading.receive(Buffer.concat([frame('a'), frame('b')]));
    assert.deepEqual(log, ['a']);
    reading.release(Hold.Paused);
    assert.deepEqual(log, ['a', 'b']);
  });

  test('the clocks of the peer stand still meanwhile and start afresh', () => {
    const { reading, log, clock } = makeReading();
    reading.hold(Hold.Paused);
    clock.advance(10_000);
    assert.deepEqual(log, []);
    reading.release(Hold.Paused);
    clock.advance(899);
    assert.deepEqual(log, []);
    clock.advance(202);
    assert.deepEqual(log, ['ping']);
  });

  test('at the end a paused transport is resumed and never paused again', () => {
    const { reading, log } = makeReading();
    reading.hold(Hold.Paused);
    for (const text of ['a', 'b']) reading.receive(frame(text));
    reading.end();
    for (const text of ['c', 'd']) reading.receive(frame(text));
    assert.deepEqual(log, ['pause', 'resume']);
  });
});
