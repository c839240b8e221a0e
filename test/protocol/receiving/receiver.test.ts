import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Close } from '../../../src/protocol/closing/close-frame.ts';
import type { ProtocolError } from '../../../src/protocol/errors.ts';
import { type ProtocolOptions, resolveProtocolOptions } from '../../../src/protocol/options.ts';
import { Receiver, type ReceiverOwner } from '../../../src/protocol/receiving/receiver.ts';
import { frame } from '../../support/frames.ts';
import { agreed, manualDeflate } from '../../support/manual-codec.ts';
import { Recorder, unhex } from '../../support/recorder.ts';

/** A client's receiver whose owner notes what it is told. */
function create(options: Partial<ProtocolOptions> = {}, compression = false) {
  const recorder = new Recorder();
  const { events } = recorder;
  const owner: ReceiverOwner = {
    onPing: (bytes, start, end) => recorder.onPing(bytes, start, end),
    onClose: ({ code, reason }: Close) => recorder.onClose(code, reason),
    onViolation: (error: ProtocolError) => recorder.onViolation(error),
    onTransportEnd: (midFrame) => events.push(['transport end', midFrame]),
  };
  const codecs = manualDeflate({
    onDeflated: () => assert.fail(),
    onInflated: (bytes) => receiver.onInflated(bytes),
    onInflateDone: (error) => receiver.onInflateDone(error),
  });
  const deflate = compression ? codecs.deflate : undefined;
  const negotiated = compression
    ? { ...agreed, threshold: 0, level: 6, memoryLevel: 8 }
    : undefined;
  const resolved = resolveProtocolOptions({
    role: 'client',
    maxMessageSize: 1000,
    deflate: negotiated,
    ...options,
  });
  const receiver: Receiver = new Receiver(resolved, recorder, owner, deflate);
  const take = (wire: string) => receiver.receive(unhex(wire));
  return { receiver, recorder, events, take, inflater: codecs.inflater };
}

test('messages and control frames are told in order', () => {
  const { events, take, receiver } = create();
  take('810161 890168 8a026869 820101 880203e8 810162');
  assert.deepEqual(events, [
    ['text', 'a'],
    ['ping', '68'],
    ['pong', '6869'],
    ['binary', '01'],
    ['close', 1000, ''],
  ]);
  assert.equal(receiver.busy, false);
});

test('midFrame and midMessage tell whether something has begun', () => {
  const { receiver, take } = create();
  const states: [boolean, boolean][] = [];
  for (const chunk of ['', '01', '0161', '8001', '62']) {
    take(chunk);
    states.push([receiver.midFrame, receiver.midMessage]);
  }
  assert.deepEqual(states, [
    [false, false],
    [true, true],
    [false, true],
    [true, true],
    [false, false],
  ]);
});

test('RFC 6455 §7.1.7: after a violation nothing more is received', () => {
  const { events, take, receiver } = create();
  take('0101 61 810162 810163');
  take('810164');
  receiver.resume();
  receiver.decide(true);
  assert.deepEqual(events, [['violation', 'CONTINUATION_EXPECTED']]);
  assert.equal(receiver.midMessage, false);
});

test('RFC 6455 §8.1: text that came whole is checked as it is decoded', () => {
  const { events, take } = create();
  take('8103e282ac 8102c328');
  assert.deepEqual(events, [
    ['text', '€'],
    ['violation', 'INVALID_UTF8'],
  ]);
  const lax = create({ validateUtf8: false });
  lax.take('8102c328');
  assert.deepEqual(lax.events, [['text', '\uFFFD(']]);
});

test('what a handler throws passes through and breaks nothing', () => {
  const { recorder, events, take } = create();
  recorder.onEvent = () => {
    throw new Error('of the handler');
  };
  assert.throws(() => take('810161 810162'), { message: 'of the handler' });
  recorder.onEvent = () => {};
  take('810163');
  assert.deepEqual(events, [
    ['text', 'a'],
    ['text', 'b'],
    ['text', 'c'],
  ]);
});

test('F022: reserved opcodes are told with their bits, those of control frames too', () => {
  const { recorder, events, take } = create({ allowReservedBits: true });
  take('f30161 db0162 910163');
  assert.deepEqual(events, [
    ['binary', '61'],
    ['binary', '62'],
    ['text', 'c'],
  ]);
  assert.deepEqual(recorder.headers, [
    { opcode: 3, rsv: 7 },
    { opcode: 11, rsv: 5 },
    { opcode: 1, rsv: 1 },
  ]);
});

test('suspended, it calls nothing and keeps what it takes', () => {
  const { receiver, events, take } = create();
  receiver.resume();
  receiver.suspend();
  take('810161');
  take('8101');
  assert.deepEqual([receiver.busy, events], [true, []]);
  receiver.resume();
  assert.deepEqual(events, [['text', 'a'], ['ready']]);
  take('62');
  assert.deepEqual(events.slice(2), [['text', 'b']]);
});

test('suspended and resumed inside a call, it goes on in order, and loses nothing at the end', () => {
  const { receiver, recorder, events, take } = create();
  recorder.onEvent = (name) => {
    if (name !== 'text') return;
    receiver.suspend();
    receiver.resume();
  };
  receiver.suspend();
  take('810161 810162 810163');
  receiver.receiveEnd();
  receiver.resume();
  assert.deepEqual(events, [
    ['text', 'a'],
    ['text', 'b'],
    ['text', 'c'],
    ['ready'],
    ['transport end', false],
  ]);
});

test('the end of the transport is told when all before it is received', () => {
  const { receiver, recorder, events, take } = create();
  receiver.suspend();
  take('810161 8105');
  receiver.receiveEnd();
  recorder.onEvent = (name) => {
    if (name === 'ready') receiver.suspend();
  };
  receiver.resume();
  assert.deepEqual(events, [['text', 'a'], ['ready']]);
  recorder.onEvent = () => {};
  receiver.resume();
  assert.deepEqual(events.slice(2), [['ready'], ['transport end', true]]);
  receiver.suspend();
  receiver.resume();
  assert.deepEqual(events.slice(4), [['ready']]);
  assert.equal(create().receiver.busy, false);
});

test('an end that is told inside a call waits for the call', () => {
  const { receiver, recorder, events, take } = create();
  recorder.onEvent = (name) => {
    if (name === 'text') receiver.receiveEnd();
  };
  take('810161 820101');
  assert.deepEqual(events, [
    ['text', 'a'],
    ['binary', '01'],
    ['transport end', false],
  ]);
});

test('F046: pieces tell where they lie', () => {
  const { events, take } = create({ pieces: true });
  for (const chunk of ['0103', '6162', '63', '8001', '64']) take(chunk);
  assert.deepEqual(events, [
    ['piece', '6162', 'text', true, false, 1],
    ['piece', '63', 'text', false, false, 0],
    ['piece', '64', 'text', false, true, 0],
  ]);
  take('820101');
  assert.deepEqual(events.at(-1), ['piece', '01', 'binary', true, true, 0]);
});

test('pieces are for a handler that takes them', () => {
  const { recorder, take, events } = create({ pieces: true });
  Object.assign(recorder, { onPiece: undefined });
  take('810161');
  assert.deepEqual(events, []);
});

test('a handler need not listen for what waits', () => {
  const { receiver, recorder, take, events } = create({ pieces: 'undecided', maxMessageSize: 1 });
  Object.assign(recorder, { onReady: undefined, onOversized: undefined });
  receiver.suspend();
  receiver.resume();
  take('81026162');
  receiver.decide(true);
  assert.deepEqual(events, [['piece', '6162', 'text', true, true, 0]]);
});

test('undecided, a message too large waits for the decision, and what follows waits with it', () => {
  for (const pieces of [true, false]) {
    const { receiver, events, take } = create({ pieces: 'undecided', maxMessageSize: 3 });
    take('8103616263 8204');
    take('01020304 810161');
    assert.deepEqual([receiver.busy, events], [true, [['text', 'abc'], ['oversized']]]);
    events.length = 0;
    receiver.suspend();
    receiver.resume();
    receiver.receiveEnd();
    assert.deepEqual(events, []);
    receiver.decide(pieces);
    const passed = [
      ['piece', '01020304', 'binary', true, true, 0],
      ['piece', '61', 'text', true, true, 0],
      ['ready'],
      ['transport end', false],
    ];
    assert.deepEqual(events, pieces ? passed : [['violation', 'MESSAGE_TOO_BIG']]);
  }
});

test('RFC 7692 §6.2: what follows a compressed payload waits until it is inflated', () => {
  const { receiver, events, take, inflater } = create({}, true);
  take('c103aabbcc 8100');
  take('890161');
  assert.deepEqual([receiver.busy, events], [true, []]);
  assert.deepEqual(inflater().calls, ['end aabbcc']);
  inflater().finish('6162', '63');
  assert.deepEqual(events, [['text', 'abc'], ['text', ''], ['ping', '61'], ['ready']]);
  assert.equal(receiver.busy, false);
});

test('what is inflated counts with the chunks it came from, as it comes out', () => {
  const { receiver, recorder, take, inflater } = create({ maxMessageSize: 5 }, true);
  const held: number[] = [];
  const told = { onInflated: () => void held.push(receiver.heldAmount) };
  Object.assign(recorder, told);
  take('c201aa');
  const waits = receiver.heldAmount;
  assert.ok(waits >= 3);
  receiver.receive(new Uint8Array(100));
  assert.equal(receiver.heldAmount, waits + 100);
  inflater().output('010203');
  assert.ok((held[0] ?? 0) >= waits + 100 + 3);
  inflater().output('040506');
  assert.equal(held.length, 1, 'too large: nothing is held any more');
  assert.equal(receiver.heldAmount, 0);
});

test('once terminated nothing is told, whatever had waited', () => {
  for (const options of [{}, { pieces: 'undecided', maxMessageSize: 2 } as const]) {
    const { receiver, events, take } = create(options);
    receiver.suspend();
    take('8203010203');
    receiver.resume();
    receiver.suspend();
    const { length } = events;
    receiver.terminate();
    receiver.resume();
    take('820101');
    assert.deepEqual([receiver.busy, events.length], [false, length]);
  }
});

test('RFC 7692 §6.1: a compressed message in fragments, with a ping between them', () => {
  const { events, take, inflater } = create({}, true);
  take('4201aa 890161');
  take('8001bb');
  inflater().finish('01');
  assert.deepEqual(events, [['ping', '61']]);
  inflater().finish('02');
  assert.deepEqual(inflater().calls, ['run aa', 'end bb']);
  assert.deepEqual(events, [['ping', '61'], ['binary', '0102'], ['ready']]);
});

test('RFC 7692 §7.2.2: payload that is not DEFLATE data is a violation', () => {
  const { events, take, inflater } = create({}, true);
  take('c101aa 890161');
  inflater().fail();
  assert.deepEqual(events, [['violation', 'INVALID_DEFLATE']]);
});

test('RFC 6455 §8.1: inflated text is checked as it comes out', () => {
  const { events, take, inflater } = create({}, true);
  take('c102aabb');
  inflater().output('61f4');
  inflater().output('90');
  assert.deepEqual(events, [['violation', 'INVALID_UTF8']]);
});

test('suspended during a job, the inflater pauses and nothing is told before the resume', () => {
  const { receiver, events, take, inflater } = create({}, true);
  take('c101aa');
  receiver.resume();
  assert.deepEqual(inflater().calls, ['end aa']);
  receiver.suspend();
  assert.equal(inflater().calls.at(-1), 'pause');
  receiver.resume();
  assert.equal(inflater().calls.at(-1), 'resume');
  inflater().finish('61');
  assert.deepEqual(events, [['text', 'a'], ['ready']]);
});

test('suspended and resumed before a job, the inflater does not pause', () => {
  const { receiver, take, inflater } = create({}, true);
  receiver.suspend();
  receiver.resume();
  take('c101aa');
  assert.deepEqual(inflater().calls, ['end aa']);
});

test('RFC 7692 §8: a message that inflates too large pauses undecided, whoever resumes', () => {
  const options = { pieces: 'undecided', maxMessageSize: 2 } as const;
  const { receiver, events, take, inflater } = create(options, true);
  take('c201aa');
  inflater().output('010203');
  assert.deepEqual(inflater().calls, ['end aa', 'pause']);
  receiver.suspend();
  receiver.resume();
  assert.ok(!inflater().calls.includes('resume'));
  receiver.suspend();
  receiver.decide(true);
  assert.ok(!inflater().calls.includes('resume'));
  receiver.resume();
  assert.equal(inflater().calls.at(-1), 'resume');
  inflater().finish('04');
  assert.deepEqual(
    events.filter(([name]) => name === 'piece'),
    [
      ['piece', '010203', 'binary', true, false, 0],
      ['piece', '04', 'binary', false, false, 0],
      ['piece', '', 'binary', false, true, 0],
    ],
  );
});

test('RFC 6455 §7.1.7: once stopped, nothing more is inflated', () => {
  const { receiver, events, take, inflater } = create({}, true);
  take('c101aa 810161');
  assert.equal(receiver.busy, true);
  receiver.stop();
  assert.deepEqual(inflater().calls, ['end aa', 'close']);
  take('810162');
  assert.deepEqual([receiver.busy, receiver.midMessage, events], [false, false, [['ready']]]);
});

test('the end of the transport waits for the job', () => {
  const { receiver, events, take, inflater } = create({}, true);
  take('c101aa');
  receiver.receiveEnd();
  assert.deepEqual(events, []);
  inflater().finish('61');
  assert.deepEqual(events, [['text', 'a'], ['ready'], ['transport end', false]]);
});

test('F041: a size is judged from the header', () => {
  const { events, take } = create({ maxMessageSize: 100 });
  take(frame('82', '00'.repeat(101)).slice(0, 4));
  assert.deepEqual(events, [['violation', 'MESSAGE_TOO_BIG']]);
});

test('the memory of what waits and of what is unfinished counts together', () => {
  const { receiver } = create({ role: 'client' });
  receiver.receive(unhex('02020102'));
  const unfinished = receiver.heldAmount;
  assert.ok(unfinished >= 2);
  receiver.suspend();
  receiver.receive(new Uint8Array(300).subarray(0, 1));
  assert.equal(receiver.heldAmount, unfinished + 300);
  receiver.stop();
  assert.equal(receiver.heldAmount, 0);
});

/** A receiver whose inflater does these jobs at once. */
function createQuick(options: Partial<ProtocolOptions>, ...quick: readonly string[]) {
  const created = create(options, true);
  created.take('c10100');
  created.inflater().finish('2e');
  created.inflater().quick.push(...quick);
  created.events.length = 0;
  created.inflater().calls.length = 0;
  return created;
}

test('RFC 7692 §6.2: messages inflated at once are told in order with all others', () => {
  const { receiver, events, take, inflater } = createQuick({}, '61', '6263', '');
  take('c101aa 890168 c202bbcc 810164 c100');
  assert.deepEqual(events, [
    ['text', 'a'],
    ['ping', '68'],
    ['binary', '6263'],
    ['text', 'd'],
    ['text', ''],
  ]);
  assert.deepEqual(inflater().calls, ['now aa', 'now bbcc', 'now ']);
  assert.deepEqual([receiver.busy, receiver.midMessage, receiver.heldAmount], [false, false, 0]);
});

test('RFC 7692 §6.2: a message that takes its time holds back those behind it', () => {
  const { receiver, events, take, inflater } = createQuick({}, '61');
  take('c101aa c101bb 890168');
  assert.deepEqual([events, receiver.busy], [[['text', 'a']], true]);
  inflater().quick.push('63');
  take('c101cc');
  inflater().finish('62');
  assert.deepEqual(events.slice(1), [['text', 'b'], ['ping', '68'], ['text', 'c'], ['ready']]);
  assert.deepEqual(inflater().calls, ['now aa', 'end bb', 'now cc']);
});

test('RFC 7692 §6.2: parts of a message, by frames or by chunks, are not inflated at once', () => {
  const { events, take, inflater } = createQuick({}, 'ff', 'ff');
  take('4201aa 8001bb');
  inflater().finish('01');
  inflater().finish('02');
  take('c202cc');
  inflater().finish('03');
  take('dd');
  inflater().finish('04');
  assert.deepEqual(inflater().calls, ['run aa', 'end bb', 'run cc', 'end dd']);
  const messages = events.filter(([name]) => name === 'binary');
  assert.deepEqual(messages, [
    ['binary', '0102'],
    ['binary', '0304'],
  ]);
});

test('RFC 6455 §8.1: text inflated at once is checked', () => {
  const { events, take } = createQuick({}, '61f4');
  take('c101aa 810162');
  assert.deepEqual(events, [['violation', 'INVALID_UTF8']]);
});

test('RFC 6455 §10.4: at once no more is inflated than may be held whole', () => {
  const receiveBuffer = { initial: 10, growBy: 10, max: 40 };
  for (const [options, limit] of [
    [{ maxMessageSize: 30 }, 30],
    [{ maxMessageSize: 50, receiveBuffer }, 40],
  ] as const) {
    const { take, inflater } = createQuick(options, '61');
    take('c101aa');
    assert.equal(inflater().limits.at(-1), limit);
  }
});

test('a message inflated at once passes as one piece where pieces are wanted', () => {
  const { events, take } = createQuick({ pieces: true, maxMessageSize: 2 }, '6162', '');
  take('c101aa c101bb');
  assert.deepEqual(events, [
    ['piece', '6162', 'text', true, true, 0],
    ['piece', '', 'text', true, true, 0],
  ]);
});

test('what a handler does inside a message inflated at once holds for the next one', () => {
  const suspended = createQuick({}, '61', '62');
  suspended.recorder.onEvent = () => suspended.receiver.suspend();
  suspended.take('c101aa c101bb');
  assert.deepEqual(suspended.events, [['text', 'a']]);
  suspended.receiver.resume();
  assert.deepEqual(suspended.events.slice(1), [['text', 'b']]);
  const stopped = createQuick({}, '61', '62');
  stopped.recorder.onEvent = () => stopped.receiver.terminate();
  stopped.take('c101aa c101bb');
  assert.deepEqual(stopped.events, [['text', 'a']]);
  assert.deepEqual(stopped.inflater().calls, ['now aa', 'close']);
});

test('CP-05: each chunk may bring as many messages that are inflated at once', () => {
  const { events, take, inflater } = createQuick({}, ...Array<string>(200).fill('61'));
  take('c101aa'.repeat(64));
  take('c101aa'.repeat(65));
  assert.equal(events.length, 128);
  assert.equal(inflater().calls.at(-1), 'end aa');
});
