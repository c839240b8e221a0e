import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WebSocketError } from '../../../src/protocol/errors.ts';
import { SharedDeflate } from '../../../src/protocol/extension/shared-deflate.ts';
import { type ProtocolOptions, resolveProtocolOptions } from '../../../src/protocol/options.ts';
import { FrameArena } from '../../../src/protocol/sending/frame-arena.ts';
import { type FragmentSender, Sender } from '../../../src/protocol/sending/sender.ts';
import { SharedMessage } from '../../../src/protocol/sending/shared-message.ts';
import { manualDeflate } from '../../support/manual-codec.ts';
import { hex, Recorder, unhex } from '../../support/recorder.ts';

/** A server's sender whose frames are listed in hex. */
function create(options: Partial<ProtocolOptions> = {}, threshold?: number) {
  const recorder = new Recorder();
  const codecs = manualDeflate(
    {
      onDeflated: (payload) => sender.onDeflated(payload),
      onInflated: () => assert.fail(),
      onInflateDone: () => assert.fail(),
    },
    threshold,
  );
  const resolved = resolveProtocolOptions({ role: 'server', maxMessageSize: 1000, ...options });
  const deflate = threshold === undefined ? undefined : codecs.deflate;
  const sender: Sender = new Sender(resolved, recorder, deflate, {
    onCloseSent: (close) => recorder.onCloseSent(close.code, close.reason),
  });
  const frames = () => recorder.written.splice(0).map(hex);
  return { sender, recorder, frames, deflater: codecs.deflater };
}

const unfinished = (error: unknown) =>
  error instanceof WebSocketError &&
  error.code === 'ERR_MESSAGE_UNFINISHED' &&
  /^a message (in fragments|of the other type) is unfinished$/.test(error.message);

test('F004: a string is sent as text, bytes as binary', () => {
  const { sender, frames } = create();
  sender.send('é');
  sender.send(unhex('0102'));
  sender.send('');
  sender.send(unhex(''), {});
  assert.deepEqual(frames(), ['8102c3a9', '82020102', '8100', '8200']);
  const { bufferedAmount, bufferedBehind, droppedAmount, closing, closesSoon } = sender;
  assert.deepEqual([bufferedAmount, bufferedBehind, droppedAmount], [0, 0, 0]);
  assert.deepEqual([closing, closesSoon], [false, false]);
});

test('RFC 6455 §5.3: a client masks, a server does not', () => {
  let key = 0x0a0b0c0c;
  const { sender, frames } = create({ role: 'client', nextMaskingKey: () => ++key });
  sender.send(unhex('00000000'));
  sender.ping(unhex(''));
  assert.deepEqual(frames(), ['82840a0b0c0d0a0b0c0d', '89800a0b0c0e']);
});

test('F050: fragments by hand make one message', () => {
  const { sender, frames } = create();
  sender.send('a', { fin: false });
  sender.ping(unhex('68'));
  sender.send('b', { fin: false });
  sender.send('c', { fin: true });
  sender.send('d');
  assert.deepEqual(frames(), ['010161', '890168', '000162', '800163', '810164']);
});

test('F052: inside a message in fragments other messages are refused, and nothing is changed', () => {
  const { sender, frames } = create();
  sender.send(unhex('01'), { fin: false });
  assert.throws(() => sender.send(unhex('02')), unfinished);
  assert.throws(() => sender.send('b', { fin: true }), unfinished);
  assert.throws(() => sender.fragments('text', undefined, () => assert.fail()), unfinished);
  sender.send(unhex('03'), { fin: true });
  assert.deepEqual(frames(), ['020101', '800103']);
});

test('a turn sends one message in fragments while others wait', () => {
  const { sender, frames } = create();
  const turns: FragmentSender[] = [];
  sender.fragments('text', undefined, (turn) => turns.push(turn));
  sender.fragments('binary', undefined, (turn) => turns.push(turn));
  sender.send('x');
  const [first] = turns;
  first?.send('a', false);
  assert.deepEqual([turns.length, sender.bufferedAmount, frames()], [1, 1, ['010161']]);
  first?.send(unhex('62'), true);
  turns[1]?.send(unhex('01'), true);
  assert.deepEqual([sender.bufferedAmount, frames()], [0, ['800162', '820101', '810178']]);
});

test('a turn may be given back', () => {
  const { sender, frames } = create();
  sender.fragments('text', undefined, (turn) => {
    sender.send('x');
    turn.cancel();
  });
  assert.deepEqual(frames(), ['810178']);
});

test('F059: a ping carries at most 125 bytes', () => {
  const { sender, frames } = create();
  sender.ping(new Uint8Array(125));
  assert.throws(() => sender.ping(new Uint8Array(126)), {
    name: 'RangeError',
    message: /125.*126/,
  });
  assert.equal(frames().length, 1);
});

test('RFC 6455 §5.5.3: while the transport is blocked only the latest Pong waits', () => {
  const { sender, recorder, frames } = create();
  sender.unblocked();
  sender.pong(unhex('01'));
  recorder.blocked = true;
  const payload = unhex('02');
  sender.pong(payload);
  sender.pong(unhex('03'));
  const latest = unhex('04');
  sender.pong(latest);
  latest.fill(9);
  assert.deepEqual(frames(), ['8a0101']);
  recorder.blocked = false;
  sender.unblocked();
  sender.unblocked();
  assert.deepEqual(frames(), ['8a0104']);
});

test('a Close that waits for compression leaves soon', () => {
  const { sender, deflater } = create({}, 0);
  sender.send('a');
  sender.close(1000, '', false);
  assert.equal(sender.closesSoon, true);
  deflater().finish('aa0000ffff');
  assert.equal(sender.closesSoon, false);
});

test('RFC 6455 §5.5.1: a Close tells its code and its reason, cut to what fits', () => {
  const { sender, recorder, frames } = create();
  sender.close(1000, 'x'.repeat(200), false);
  assert.equal(sender.closing, true);
  assert.deepEqual(frames(), [`887d03e8${'78'.repeat(123)}`]);
  assert.deepEqual(recorder.events, [['close sent', 1000, 'x'.repeat(123)]]);
  const empty = create();
  empty.sender.close(undefined, 'not sent', false);
  assert.deepEqual(empty.frames(), ['8800']);
  assert.deepEqual(empty.recorder.events, [['close sent', 1005, '']]);
});

test('F006: a code that must not be sent is refused, and nothing is changed', () => {
  const { sender, frames } = create();
  assert.throws(() => sender.close(1005, '', false), RangeError);
  assert.deepEqual([sender.closing, frames()], [false, []]);
});

test('RFC 6455 §7.1.7: when the connection fails, a message leaves, a Pong that waits does not', () => {
  const { sender, recorder, frames, deflater } = create({}, 0);
  sender.send('a');
  recorder.blocked = true;
  sender.pong(unhex('01'));
  sender.close(1002, '', true);
  sender.unblocked();
  assert.deepEqual(frames(), []);
  deflater().finish('aa0000ffff');
  assert.deepEqual(frames(), ['c101aa', '880203ea']);
});

test('RFC 7692 §6: the size decides about compression unless the caller does', () => {
  const { sender, frames, deflater } = create({}, 2);
  sender.send('a');
  sender.send('é', { compress: false });
  sender.send(unhex('01'));
  assert.deepEqual(frames(), ['810161', '8102c3a9', '820101']);
  sender.send('é');
  deflater().finish('aa0000ffff');
  sender.send(unhex('0102'));
  deflater().finish('bb0000ffff');
  sender.send('c', { compress: true });
  deflater().finish('cc0000ffff');
  assert.deepEqual(frames(), ['c101aa', 'c201bb', 'c101cc']);
});

test('RFC 7692 §6.1: the fragments of a message are all compressed, or none is', () => {
  const { sender, frames, deflater } = create({}, 1000);
  sender.send('a', { fin: false });
  sender.send('b', { fin: true, compress: false });
  deflater().finish('aa');
  deflater().finish('bb0000ffff');
  assert.deepEqual(frames(), ['4101aa', '8001bb']);
  sender.send('a', { fin: false, compress: false });
  sender.send('b', { fin: true, compress: true });
  assert.deepEqual(frames(), ['010161', '800162']);
  sender.fragments('binary', undefined, (turn) => turn.send(unhex('01'), true));
  assert.deepEqual(deflater().calls.at(-1), 'run 01');
});

test('without the extension nothing is compressed', () => {
  const { sender, frames } = create();
  sender.send('a', { compress: true });
  assert.deepEqual(frames(), ['810161']);
});

test('what waits may be dropped, and is counted', () => {
  const { sender, recorder, frames } = create({}, 0);
  recorder.blocked = true;
  sender.send('abc');
  sender.fragments('text', false, () => {});
  sender.send('de');
  sender.pong(unhex('01'));
  assert.deepEqual([sender.bufferedAmount, sender.bufferedBehind, sender.droppedAmount], [5, 2, 0]);
  sender.drop();
  sender.unblocked();
  assert.deepEqual([sender.bufferedAmount, sender.bufferedBehind, sender.droppedAmount], [0, 0, 5]);
  assert.deepEqual(frames(), []);
});

test('RFC 6455 §5.5.2: a Pong that waits leaves behind a Close that fails nothing', () => {
  const { sender, recorder, frames } = create();
  recorder.blocked = true;
  sender.pong(unhex('01'));
  sender.close(1000, '', false);
  recorder.blocked = false;
  sender.unblocked();
  assert.deepEqual(frames(), ['880203e8', '8a0101']);
});

const encoder = { arena: new FrameArena(), deflate: new SharedDeflate() };
const many = (text: string, compress?: boolean) => new SharedMessage(text, compress, encoder);

test('RFC 6455 §5.4: a message for many waits for a message in fragments to end', () => {
  const { sender, frames } = create();
  sender.share(many('a'));
  sender.send('x', { fin: false });
  sender.share(many('b'));
  sender.send('y', { fin: false });
  assert.deepEqual([sender.bufferedAmount, sender.bufferedBehind], [1, 1]);
  sender.send('z', { fin: true });
  sender.share(many('c'));
  assert.deepEqual(frames(), ['810161', '010178', '000179', '80017a', '810162', '810163']);
  assert.equal(sender.bufferedAmount, 0);
});

test('a message for many is compressed as its sender or its size says', () => {
  const { sender, frames, deflater } = create({}, 3);
  sender.share(many('ab'));
  sender.share(many('abc', false));
  assert.deepEqual(frames(), ['81026162', '8103616263']);
  sender.share(many('abc'));
  deflater().finish('aa0000ffff');
  sender.share(many('ab', true));
  deflater().finish('bb0000ffff');
  assert.deepEqual(frames(), ['c101aa', 'c101bb']);
});

test('RFC 7692 §7.1.1: without context takeover what was compressed for one serves all', async () => {
  const deflate = { windowBits: 12, level: 6, memoryLevel: 5, threshold: 0, peerWindowBits: 15 };
  const fresh = { ...deflate, contextTakeover: false, peerContextTakeover: false };
  const kept = { ...fresh, contextTakeover: true };
  const [one, two, own] = [fresh, fresh, kept].map((each) => create({ deflate: each }, 0));
  assert.ok(one !== undefined && two !== undefined && own !== undefined);
  const message = many('a'.repeat(40));
  for (const { sender } of [one, two, own]) sender.share(message);
  assert.throws(() => one.deflater(), 'it has no work of its own');
  assert.deepEqual(own.deflater().calls, [`run ${'61'.repeat(40)}`]);
  while (two.sender.bufferedAmount > 0) await new Promise((resolve) => setImmediate(resolve));
  const [frame] = one.frames();
  assert.match(frame ?? '', /^c1/);
  assert.deepEqual(two.frames(), [frame]);
});

test('a message for many leaves at once unless something may keep it waiting', () => {
  assert.equal(create().sender.sharesFrames, true);
  assert.equal(create({}, 10).sender.sharesFrames, false);
  assert.equal(create({ maxFragmentSize: 10 }).sender.sharesFrames, false);
  const { sender } = create();
  sender.send('a', { fin: false });
  assert.equal(sender.sharesFrames, false);
  sender.send('b', { fin: true });
  assert.equal(sender.sharesFrames, true);
  sender.close(1000, '', false);
  assert.equal(sender.sharesFrames, false);
});
