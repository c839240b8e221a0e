import assert from 'node:assert/strict';
import { test } from 'node:test';

import { freshWindows, inflated, keptWindows } from '../support/deflating.ts';
import { failure, fails, frame, payload, roles } from '../support/frames.ts';
import { hex, open, type RecordedEvent, unhex } from '../support/recorder.ts';

/** Frames in hex that give these events at every cut. */
async function tells(frames: readonly string[], wanted: readonly RecordedEvent[], deflate = {}) {
  await inflated(frames, (events) => assert.deepEqual(events, wanted), {
    deflate: { ...keptWindows, ...deflate },
  });
}

const hello: RecordedEvent = ['text', 'Hello'];

test('C-63: RFC 7692 §7.2.3.1: a compressed "Hello"', async () => {
  await tells(['c107f248cdc9c90700'], [hello]);
});

test('C-63: RFC 7692 §7.2.3.2: two messages that share a window', async () => {
  await tells(['c107f248cdc9c90700', 'c105f200110000'], [hello, hello]);
});

test('C-63: RFC 7692 §7.1.1: without context takeover each message stands for itself', async () => {
  const fresh = { peerContextTakeover: false };
  await tells(['c107f248cdc9c90700', 'c107f248cdc9c90700'], [hello, hello], fresh);
  await tells(
    ['c107f248cdc9c90700', 'c105f200110000'],
    [hello, ...failure('INVALID_DEFLATE')],
    fresh,
  );
});

for (const role of roles) {
  test(`C-63: RFC 7692 §7.1.1: a ${role} compresses with and without context takeover`, async () => {
    const payloads = async (deflate: typeof keptWindows) => {
      const near = open({ role, deflate, nextMaskingKey: () => 0 });
      const far = open({ role: role === 'client' ? 'server' : 'client', deflate });
      for (let count = 0; count < 2; count++) near.protocol.send('Hello');
      near.protocol.close();
      await near.recorder.noted('close sent');
      for (const bytes of near.recorder.written) far.protocol.receive(Uint8Array.from(bytes));
      await far.recorder.noted('end');
      const texts = far.recorder.events.filter(([name]) => name === 'text');
      assert.deepEqual(texts, [hello, hello]);
      return near.recorder.written
        .slice(0, 2)
        .map((bytes) => hex(bytes).slice(role === 'client' ? 12 : 4));
    };
    assert.deepEqual(await payloads(keptWindows), ['f248cdc9c90700', 'f200110000']);
    assert.deepEqual(await payloads(freshWindows), ['f248cdc9c90700', 'f248cdc9c90700']);
  });
}

test('RFC 7692 §7.2.3.1: a compressed message in two fragments, a ping between them', async () => {
  await tells(['4103f248cd', '8004c9c90700'], [hello]);
  await tells(['4103f248cd', '890161', '8004c9c90700'], [['ping', '61'], hello]);
});

test('RFC 7692 §7.2.3.3: a block without compression', async () => {
  await tells(['c10b000500faff48656c6c6f00'], [hello]);
});

test('RFC 7692 §7.2.3.4: a block with BFINAL, also in front of another message', async () => {
  await tells(['c108f348cdc9c9070000'], [hello]);
  await tells(['c108f348cdc9c9070000', 'c105f200110000'], [hello, hello]);
});

test('RFC 7692 §7.2.3.5: two blocks in one message', async () => {
  await tells(['c10df24805000000ffffcac9c90700'], [hello]);
});

test('RFC 7692 §7.2.3.6: an empty message', async () => {
  await tells(['c10100'], [['text', '']]);
  await tells(['c20100'], [['binary', '']]);
});

test('RFC 7692 §6: messages may go uncompressed between compressed ones', async () => {
  const plain = frame('81', payload('plain'));
  await tells(['c107f248cdc9c90700', plain, 'c105f200110000'], [hello, ['text', 'plain'], hello]);
});

test('C-14: RFC 7692 §6.1: RSV1 stands in the first frame of a message only', () => {
  const options = { deflate: keptWindows };
  fails(['010161', 'c00162'], 'RESERVED_BITS', [], options);
  fails(['010161', '400162'], 'RESERVED_BITS', [], options);
  for (const first of ['c8', 'c9', 'ca']) fails([`${first}00`], 'RESERVED_BITS', [], options);
  for (const first of ['a1', '91', 'e1', 'd1', 'f1'])
    fails([`${first}01`], 'RESERVED_BITS', [], options);
});

test('RFC 7692 §6: without the extension RSV1 fails with 1002', () => {
  fails(['c107f248cdc9c90700'], 'RESERVED_BITS');
});

test('RFC 7692 §7.2.2: what is not DEFLATE data fails with 1007', async () => {
  await tells(['c101ff'], failure('INVALID_DEFLATE'));
  await tells(['c107f248cdc9c90700', 'c104ffffffff'], [hello, ...failure('INVALID_DEFLATE')]);
});

test('C-32: RFC 6455 §8.1: compressed text that is not UTF-8 fails with 1007', async () => {
  // A stored block of the two bytes ce ce.
  await tells(['c108000200fdffcece00'], failure('INVALID_UTF8'));
});

test('C-23: RFC 7692 §8: the size is judged after inflation, while it is produced', async () => {
  const far = open({ role: 'client', maxMessageSize: 1000, deflate: keptWindows });
  const near = open({ role: 'server', deflate: keptWindows });
  near.protocol.send('x'.repeat(1000));
  near.protocol.send(new Uint8Array(10_000_000));
  near.protocol.close();
  await near.recorder.noted('close sent');
  const sent = near.recorder.written.map(({ length }) => length);
  assert.ok((sent[1] ?? 0) < 25_000);
  for (const bytes of near.recorder.written) far.protocol.receive(bytes);
  await far.recorder.noted('end');
  const told = far.recorder.events.filter(([name]) => name !== 'ready');
  assert.deepEqual(told, [['text', 'x'.repeat(1000)], ...failure('MESSAGE_TOO_BIG')]);
});

for (const windowBits of [8, 9, 12, 15]) {
  test(`RFC 7692 §7.1.2: 64 KiB pass through windows of ${windowBits} bits`, async () => {
    const deflate = { ...keptWindows, windowBits, peerWindowBits: windowBits };
    const near = open({ role: 'client', deflate });
    const far = open({ role: 'server', deflate });
    const bytes = Uint8Array.from({ length: 65_536 }, (_, index) => (index * index) % 253);
    for (let count = 0; count < 2; count++) near.protocol.send(bytes);
    near.protocol.close();
    await near.recorder.noted('close sent');
    for (const frame of near.recorder.written) far.protocol.receive(frame);
    await far.recorder.noted('end');
    const messages = far.recorder.events.filter(([name]) => name === 'binary');
    const whole = hex(bytes);
    assert.deepEqual(
      messages.map(([, message]) => message === whole),
      [true, true],
    );
  });
}

test('RFC 7692 §6: a message that is too short to pay goes uncompressed', () => {
  const { protocol, recorder } = open({
    role: 'server',
    deflate: { ...keptWindows, threshold: 10 },
  });
  protocol.send(unhex('0102'));
  assert.equal(recorder.wire, '82020102');
});
