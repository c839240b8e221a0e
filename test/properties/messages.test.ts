import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { ProtocolOptions } from '../../src/protocol/options.ts';
import type { Protocol } from '../../src/protocol/protocol.ts';
import { freshWindows, keptWindows } from '../support/deflating.ts';
import { roles } from '../support/frames.ts';
import { feed, hex, open, type RecordedEvent } from '../support/recorder.ts';

type Message = string | Uint8Array;

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: 120, maxLength: 300 }),
  fc
    .tuple(fc.nat(255), fc.integer({ min: 65_000, max: 70_000 }))
    .map(([value, length]) => new Uint8Array(length).fill(value)),
);
const text = fc.string({ unit: 'binary', maxLength: 60 });
const message: fc.Arbitrary<Message> = fc.oneof(text, bytes);
const messages = fc.array(message, { maxLength: 6 });
/** Where a stream is cut, as shares of its length. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
const role = fc.constantFrom(...roles);

/** The event that a message is told as. */
function told(sent: Message): RecordedEvent {
  return typeof sent === 'string' ? ['text', sent] : ['binary', hex(sent)];
}

function pair(near: 'client' | 'server', options: Partial<ProtocolOptions> = {}) {
  const far = near === 'client' ? 'server' : 'client';
  return { sender: open({ ...options, role: near }), receiver: open({ ...options, role: far }) };
}

function feedInShares(protocol: Protocol, written: readonly Uint8Array[], shares: number[]): void {
  const wire = Buffer.concat(written);
  const at = shares.map((share) => Math.floor(share * wire.length));
  feed((chunk) => protocol.receive(chunk), wire, at);
}

/** A message cut into fragments; text is cut between its code points. */
function fragmentsOf(whole: Message, shares: readonly number[]): Message[] {
  const units = typeof whole === 'string' ? Array.from(whole) : whole;
  const points = shares.map((share) => Math.floor(share * units.length)).toSorted((a, b) => a - b);
  return [...points, units.length].map((end, index) => {
    const piece = units.slice(points[index - 1] ?? 0, end);
    return piece instanceof Uint8Array ? piece : piece.join('');
  });
}

test('RFC 6455 §5.2: any cut of the stream gives the same messages', () => {
  fc.assert(
    fc.property(messages, cuts, role, (sent, shares, near) => {
      const { sender, receiver } = pair(near);
      for (const one of sent) sender.protocol.send(one);
      feedInShares(receiver.protocol, sender.recorder.written, shares);
      assert.deepEqual(receiver.recorder.events, sent.map(told));
    }),
    { numRuns: 300 },
  );
});

test('RFC 6455 §5.4: fragmentation changes nothing, nor do pings between fragments', () => {
  fc.assert(
    fc.property(messages, cuts, cuts, role, (sent, inside, shares, near) => {
      const { sender, receiver } = pair(near);
      for (const one of sent) {
        const fragments = fragmentsOf(one, inside);
        for (const [index, piece] of fragments.entries()) {
          sender.protocol.send(piece, { fin: index === fragments.length - 1 });
          sender.protocol.ping(Uint8Array.of(index));
        }
      }
      feedInShares(receiver.protocol, sender.recorder.written, shares);
      const { events } = receiver.recorder;
      assert.deepEqual(
        events.filter(([name]) => name !== 'ping'),
        sent.map(told),
      );
      assert.equal(events.length, sent.length * (inside.length + 2));
    }),
    { numRuns: 300 },
  );
});

test('RFC 6455 §5.4: the size of the fragments that are sent changes nothing', () => {
  fc.assert(
    fc.property(messages, fc.integer({ min: 100, max: 70_000 }), role, (sent, size, near) => {
      const { sender, receiver } = pair(near, { maxFragmentSize: size });
      for (const one of sent) sender.protocol.send(one);
      feedInShares(receiver.protocol, sender.recorder.written, []);
      assert.deepEqual(receiver.recorder.events, sent.map(told));
    }),
    { numRuns: 100 },
  );
});

test('RFC 6455 §5.4: the pieces of a message are the message, at any cut', () => {
  fc.assert(
    fc.property(message, cuts, cuts, role, (sent, inside, shares, near) => {
      const { sender, receiver } = pair(near, { pieces: true });
      const fragments = fragmentsOf(sent, inside);
      for (const [index, piece] of fragments.entries()) {
        sender.protocol.send(piece, { fin: index === fragments.length - 1 });
      }
      feedInShares(receiver.protocol, sender.recorder.written, shares);
      const { events } = receiver.recorder;
      assert.ok(events.every(([name]) => name === 'piece'));
      assert.equal(
        events.map(([, piece]) => piece).join(''),
        hex(typeof sent === 'string' ? Buffer.from(sent) : sent),
      );
      const ends = events.map(([, , , first, last]) => [first, last]);
      const wanted = ends.map((_, index) => [index === 0, index === ends.length - 1]);
      assert.deepEqual(ends, wanted);
    }),
    { numRuns: 200 },
  );
});

for (const windows of [keptWindows, freshWindows]) {
  const kind = windows.contextTakeover ? 'kept' : 'fresh';
  const choices = fc.array(
    fc.record({ sent: message, compress: fc.option(fc.boolean(), { nil: undefined }) }),
    { maxLength: 6 },
  );
  const bits = fc.integer({ min: 8, max: 15 });

  test(`RFC 7692 §7.2: what is sent arrives, compressed in ${kind} windows or not`, async () => {
    await fc.assert(
      fc.asyncProperty(
        choices,
        cuts,
        role,
        bits,
        fc.nat(200),
        async (all, shares, near, ...rest) => {
          const [windowBits, threshold] = rest;
          const deflate = { ...windows, windowBits, peerWindowBits: windowBits, threshold };
          const { sender, receiver } = pair(near, { deflate, maxFragmentSize: 30_000 });
          for (const { sent, compress } of all) sender.protocol.send(sent, { compress });
          sender.protocol.close(1000);
          await sender.recorder.noted('close sent');
          feedInShares(receiver.protocol, sender.recorder.written, shares);
          await receiver.recorder.noted('end');
          const { events } = receiver.recorder;
          assert.deepEqual(
            events.filter(([name]) => name === 'text' || name === 'binary'),
            all.map(({ sent }) => told(sent)),
          );
          assert.deepEqual(
            events.findLast(([name]) => name !== 'ready'),
            ['end', 1000, ''],
          );
        },
      ),
      { numRuns: 100 },
    );
  });
}
