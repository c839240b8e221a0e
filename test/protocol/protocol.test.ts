import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ProtocolError } from '../../src/protocol/errors.ts';
import { SharedDeflate } from '../../src/protocol/extension/shared-deflate.ts';
import type { ProtocolOptions } from '../../src/protocol/options.ts';
import { FrameArena } from '../../src/protocol/sending/frame-arena.ts';
import type { FragmentSender } from '../../src/protocol/sending/sender.ts';
import { SharedMessage } from '../../src/protocol/sending/shared-message.ts';
import { frame, roles, wireTo } from '../support/frames.ts';
import { hex, open, type Recorder, unhex } from '../support/recorder.ts';

const deflate = {
  windowBits: 15,
  peerWindowBits: 15,
  contextTakeover: false,
  peerContextTakeover: false,
  threshold: 0,
  level: 6,
  memoryLevel: 8,
};

/** Too long to be compressed at once. */
const long = 'Hello'.repeat(1000);

const closeReason = new ProtocolError('RESERVED_BITS').message;

function server(options: Partial<ProtocolOptions> = {}) {
  const { protocol, recorder } = open({ ...options, role: 'server' });
  const take = (...frames: string[]) => protocol.receive(wireTo('server', frames));
  return { protocol, recorder, events: recorder.events, take };
}

for (const role of roles) {
  const peer = role === 'client' ? 'server' : 'client';

  test(`F015: the ${role} closes: open, close-sent, closed`, () => {
    const ends = [open({ role }), open({ role: peer })] as const;
    const [near, far] = ends;
    assert.equal(near.protocol.state, 'open');
    near.protocol.close(1000, 'bye');
    assert.equal(near.protocol.state, 'close-sent');
    far.protocol.receive(Uint8Array.from(Buffer.concat(near.recorder.written)));
    assert.equal(far.protocol.state, 'closed');
    near.protocol.receive(Uint8Array.from(Buffer.concat(far.recorder.written)));
    assert.equal(near.protocol.state, 'closed');
    assert.deepEqual(near.recorder.events, [
      ['close sent', 1000, 'bye'],
      ['close', 1000, 'bye'],
      ['end', 1000, 'bye'],
    ]);
    assert.deepEqual(far.recorder.events, [
      ['close', 1000, 'bye'],
      ['close sent', 1000, 'bye'],
      ['end', 1000, 'bye'],
    ]);
  });
}

test('F061: a Ping is answered before it is told', () => {
  const { recorder, events, take } = server();
  recorder.onEvent = () => assert.equal(recorder.wire, '8a026869');
  take('89026869');
  assert.deepEqual(events, [['ping', '6869']]);
});

test('RFC 6455 §5.5.1: an empty Close is 1005 and answered by an empty one', () => {
  const { recorder, events, take } = server();
  take('8800');
  assert.equal(recorder.wire, '8800');
  assert.deepEqual(events, [
    ['close', 1005, ''],
    ['close sent', 1005, ''],
    ['end', 1005, ''],
  ]);
});

test('F077: with echoClose off, the answer is left to the handler, inside the call or later', () => {
  for (const inside of [true, false]) {
    const { protocol, recorder, events, take } = server({ echoClose: false });
    recorder.onEvent = (name) => {
      if (inside && name === 'close') protocol.close(1001, 'later');
    };
    take('880203e8');
    if (!inside) {
      assert.equal(protocol.state, 'close-received');
      protocol.close(1001, 'later');
    }
    assert.deepEqual(events, [
      ['close', 1000, ''],
      ['close sent', 1001, 'later'],
      ['end', 1000, ''],
    ]);
  }
});

test('once the closing handshake has begun, nothing more is sent', () => {
  const { protocol, recorder } = server();
  protocol.close(1000);
  assert.equal(protocol.send('a'), false);
  assert.equal(protocol.send('a', { fin: false }), false);
  assert.equal(protocol.ping(unhex('')), false);
  assert.equal(
    protocol.fragments('text', undefined, () => assert.fail()),
    false,
  );
  protocol.close(1001);
  assert.equal(recorder.wire, '880203e8');
});

test("RFC 6455 §7.1.7: after terminate, or behind the peer's Close, nothing is sent", () => {
  const ended = server();
  ended.protocol.terminate();
  const closing = server({ echoClose: false });
  closing.take('8800');
  for (const { protocol, recorder } of [ended, closing]) {
    assert.equal(protocol.send('a'), false);
    assert.equal(protocol.send('a', { fin: false }), false);
    assert.equal(
      protocol.fragments('text', undefined, () => assert.fail()),
      false,
    );
    assert.equal(protocol.ping(unhex('')), false);
    assert.equal(recorder.wire, '');
  }
  ended.protocol.close(1000);
  assert.deepEqual([ended.recorder.wire, ended.events], ['', []]);
});

test('what is sent while open is accepted', () => {
  const { protocol, recorder } = server();
  assert.equal(protocol.send('a'), true);
  assert.equal(protocol.send('b', { fin: false }), true);
  assert.equal(protocol.send('c', { fin: true }), true);
  assert.equal(
    protocol.fragments('binary', undefined, (turn) => turn.send(unhex('01'), true)),
    true,
  );
  assert.equal(protocol.ping(unhex('')), true);
  assert.equal(recorder.wire, '8101610101628001638201018900');
});

test('RFC 6455 §5.5.2: behind our own Close a Ping is still answered, and messages still come', () => {
  const { protocol, recorder, events, take } = server();
  protocol.close(1000);
  take('890161', '810162', '880203e8');
  assert.equal(recorder.wire, '880203e88a0161');
  assert.deepEqual(events.slice(1), [
    ['ping', '61'],
    ['text', 'b'],
    ['close', 1000, ''],
    ['end', 1000, ''],
  ]);
});

test('RFC 6455 §7.1.7: a violation is told, answered by a Close with its code, and the end', () => {
  const { protocol, recorder, events, take } = server();
  take('8300', '810161');
  const reason = new ProtocolError('RESERVED_OPCODE').message;
  assert.equal(recorder.wire, frame('88', `03ea${hex(Buffer.from(reason))}`));
  assert.deepEqual(events, [
    ['violation', 'RESERVED_OPCODE'],
    ['close sent', 1002, reason],
    ['end', 1006, ''],
  ]);
  assert.equal(protocol.state, 'closed');
  protocol.fail(1011);
  protocol.close();
  protocol.receiveEnd();
  assert.equal(events.length, 3);
});

test('RFC 6455 §7.1.7: failing in each state sends one Close at most', () => {
  const closing = server();
  closing.protocol.close(1000);
  closing.protocol.fail(1011, 'broken');
  assert.equal(closing.recorder.wire, '880203e8');
  assert.deepEqual(closing.events.at(-1), ['end', 1006, '']);
  const answering = server({ echoClose: false });
  answering.take('880203e8');
  answering.protocol.fail(1011);
  assert.equal(answering.recorder.wire, '880203f3');
  assert.deepEqual(answering.events.at(-1), ['end', 1000, '']);
});

test('RFC 6455 §7.1.5: the end of the transport without a closing handshake is 1006', () => {
  const between = server();
  between.take('810161');
  between.protocol.receiveEnd();
  assert.deepEqual(between.events.slice(1), [['end', 1006, '']]);
  const inside = server();
  inside.take('8102');
  inside.protocol.receiveEnd();
  assert.deepEqual(inside.events, [
    ['violation', 'INCOMPLETE_FRAME'],
    ['end', 1006, ''],
  ]);
  assert.equal(inside.recorder.wire, '');
  inside.protocol.receiveEnd();
  assert.equal(inside.events.length, 2);
});

test('RFC 6455 §7.1.5: when the transport ends inside a frame, the violation comes with the state closed', () => {
  const { protocol, recorder } = open({ role: 'client' });
  const states: string[] = [];
  recorder.onEvent = (name) => states.push(`${name} ${protocol.state}`);
  protocol.receive(unhex('820201'));
  protocol.receiveEnd();
  assert.deepEqual(states, ['violation closed', 'end closed']);
});

test("RFC 6455 §7.1.5: the peer's code stands, if the transport ends as soon as it was answered", () => {
  const { protocol, recorder, events, take } = server({ echoClose: false });
  take('880203e8');
  recorder.onEvent = (name) => {
    if (name === 'close sent') protocol.receiveEnd();
  };
  protocol.close(1000);
  assert.deepEqual(events, [
    ['close', 1000, ''],
    ['close sent', 1000, ''],
    ['end', 1000, ''],
  ]);
});

test('what waits lies where it came, a copy only if it was lent', () => {
  for (const [borrowed, held] of [
    [undefined, 1_000],
    [false, 1_000],
    [true, 4],
  ] as const) {
    const { protocol } = open({ role: 'client' });
    protocol.suspend();
    const inside = new Uint8Array(1_000);
    inside.set(unhex('82020102'));
    protocol.receive(inside.subarray(0, 4), borrowed);
    assert.equal(protocol.heldAmount, held);
  }
});

test('after terminate the handler hears nothing more, wherever it was called', () => {
  for (const name of ['text', 'ping', 'close', 'close sent', 'violation']) {
    const { protocol, recorder, events, take } = server();
    recorder.onEvent = (event) => {
      if (event === name) protocol.terminate();
    };
    take('810161', '890162', name === 'violation' ? '8300' : '880203e8');
    assert.equal(events.at(-1)?.[0], name);
    const { length } = events;
    take('810163');
    protocol.receiveEnd();
    protocol.fail(1011);
    assert.deepEqual([protocol.state, events.length], ['closed', length]);
  }
});

test('after terminate nothing is told to be ready again', () => {
  const { protocol, recorder, events, take } = server();
  protocol.suspend();
  take('810161');
  recorder.onEvent = () => protocol.terminate();
  protocol.resume();
  protocol.suspend();
  protocol.resume();
  take('810162');
  assert.deepEqual(events, [['text', 'a']]);
});

test('after terminate at the end of the transport the handler hears nothing more', () => {
  const { protocol, recorder, events, take } = server();
  recorder.onEvent = () => protocol.terminate();
  take('8102');
  protocol.receiveEnd();
  assert.deepEqual(events, [['violation', 'INCOMPLETE_FRAME']]);
});

test('a handler may fail the connection in any call, and the end comes once', () => {
  for (const name of ['text', 'ping', 'close', 'close sent', 'violation', 'end']) {
    const { protocol, recorder, events, take } = server();
    recorder.onEvent = (event) => {
      if (event === name) protocol.fail(1011);
    };
    take('810161', '890162', name === 'violation' ? '8300' : '880203e8');
    assert.equal(events.filter(([event]) => event === 'end').length, 1, name);
    assert.equal(events.filter(([event]) => event === 'close sent').length, 1, name);
  }
});

test('a turn to send fragments ends with the connection', () => {
  const { protocol, recorder } = server();
  const turns: FragmentSender[] = [];
  protocol.fragments('text', undefined, (turn) => turns.push(turn));
  turns[0]?.send('a', false);
  protocol.send('behind');
  assert.deepEqual([protocol.bufferedBehind, protocol.bufferedAmount], [6, 6]);
  protocol.terminate();
  turns[0]?.send('b', true);
  assert.equal(recorder.wire, '010161');
  assert.equal(protocol.droppedAmount, 6);
});

test('handlers need not listen for closing', () => {
  const { recorder, events, take } = server();
  Object.assign(recorder, { onClose: undefined, onCloseSent: undefined });
  take('880203e8');
  assert.deepEqual(events, [['end', 1000, '']]);
});

test('suspend, resume, decide and the flags reach the receiver', () => {
  const { protocol, recorder, events, take } = server({ pieces: 'undecided', maxMessageSize: 2 });
  assert.deepEqual([protocol.busy, protocol.midFrame, protocol.midMessage], [false, false, false]);
  protocol.suspend();
  take('010161');
  assert.deepEqual([protocol.busy, events], [true, []]);
  protocol.resume();
  assert.deepEqual([protocol.midFrame, protocol.midMessage], [false, true]);
  take('80026263');
  assert.deepEqual([protocol.busy, protocol.midFrame], [true, true]);
  protocol.decide(true);
  assert.deepEqual(
    events.filter(([name]) => name === 'piece').map(([, bytes]) => bytes),
    ['61', '6263'],
  );
  recorder.blocked = true;
  take('890161');
  recorder.blocked = false;
  protocol.unblocked();
  assert.equal(recorder.wire, '8a0161');
});

test('RFC 7692 §7.2: what is small is compressed and decompressed at once, in order', () => {
  const { protocol, recorder } = open({ role: 'client', deflate });
  protocol.send('Hello');
  protocol.send(Buffer.from('Hello'), { compress: false });
  assert.equal(protocol.bufferedAmount, 0);
  protocol.receive(unhex('c107f248cdc9c90700 810161 c208f348cdc9c90700 00'.replaceAll(' ', '')));
  protocol.close(1000);
  assert.deepEqual(
    recorder.written.map((bytes) => bytes[0]),
    [0xc1, 0x82, 0x88],
  );
  assert.deepEqual(recorder.events.slice(0, 2), [
    ['text', 'Hello'],
    ['text', 'a'],
  ]);
  protocol.terminate();
});

test('RFC 7692 §7.2: what was negotiated compresses and decompresses', async () => {
  const { protocol, recorder } = open({ role: 'client', deflate });
  protocol.send(long);
  assert.deepEqual([protocol.bufferedAmount, recorder.wire], [5000, '']);
  protocol.close(1000);
  assert.deepEqual([protocol.state, recorder.wire], ['close-sent', '']);
  await recorder.noted('close sent');
  protocol.receive(unhex('c108f348cdc9c9070000'));
  await recorder.noted('text');
  assert.deepEqual(recorder.events.at(-2), ['text', 'Hello']);
  assert.deepEqual(
    recorder.written.map((bytes) => bytes[0]),
    [0xc1, 0x88],
  );
});

test('RFC 6455 §7.1.2: a Close is answered behind what is compressed, also after the peer ended TCP', async () => {
  const { protocol, recorder } = open({ role: 'client', deflate });
  protocol.send(long);
  protocol.receive(unhex('880203e8'));
  protocol.receiveEnd();
  assert.deepEqual([protocol.state, recorder.events.length], ['close-received', 1]);
  await recorder.noted('end');
  assert.deepEqual(
    recorder.written.map((bytes) => bytes[0]),
    [0xc1, 0x88],
  );
  assert.deepEqual(recorder.events.at(-1), ['end', 1000, '']);
  const silent = open({ role: 'client', echoClose: false });
  silent.protocol.receive(unhex('880203e8'));
  silent.protocol.receiveEnd();
  assert.deepEqual(silent.recorder.events.at(-1), ['end', 1006, '']);
});

test('RFC 6455 §7.1.5: behind a FIN without a Close our own Close is not waited for', () => {
  const { protocol, recorder } = open({ role: 'client', deflate });
  protocol.send(long);
  protocol.close(1000);
  protocol.receiveEnd();
  assert.deepEqual([recorder.wire, recorder.events], ['', [['end', 1006, '']]]);
});

test('RFC 6455 §7.1.5: a message in fragments, which may never end, is not waited for behind FIN', () => {
  const { protocol, recorder } = open({ role: 'client' });
  protocol.fragments('text', undefined, () => {});
  protocol.receive(unhex('880203e8'));
  protocol.receiveEnd();
  assert.deepEqual(recorder.events.at(-1), ['end', 1006, '']);
});

test('RFC 7692 §7.2.2: broken payload fails the connection with 1007', async () => {
  const { protocol, recorder } = open({ role: 'client', deflate });
  protocol.receive(unhex('c101ff'));
  await recorder.noted('end');
  assert.deepEqual(recorder.events[0], ['violation', 'INVALID_DEFLATE']);
  assert.deepEqual(recorder.events[1]?.slice(0, 2), ['close sent', 1007]);
});

for (const role of roles) {
  /** An end that echoes a text, and then fails while the echo is being compressed. */
  const failing = (then: readonly string[]) => {
    const { protocol, recorder } = open({ role, deflate });
    recorder.onEvent = (name) => {
      if (name === 'text') protocol.send(long);
    };
    const take = (...frames: string[]) => protocol.receive(wireTo(role, frames));
    take('810161', ...then);
    return { protocol, recorder, events: recorder.events, take };
  };
  const firstBytes = ({ written }: Recorder) => written.map(([first]) => first);
  const closing = [
    ['violation', 'RESERVED_BITS'],
    ['close sent', 1002, closeReason],
    ['end', 1006, ''],
  ];

  test(`RFC 6455 §7.1.7: a ${role} that fails still sends what it had to send`, async () => {
    const { protocol, recorder, events, take } = failing(['a10161']);
    take('810162', '890163', '880203e8');
    protocol.fail(1011);
    protocol.close(1000);
    assert.deepEqual(
      [protocol.send('y'), protocol.state, recorder.wire],
      [false, 'close-sent', ''],
    );
    await recorder.noted('end');
    assert.deepEqual(firstBytes(recorder), [0xc1, 0x88]);
    assert.deepEqual(events, [['text', 'a'], ...closing]);
    assert.deepEqual([protocol.state, protocol.bufferedAmount], ['closed', 0]);
  });

  test(`RFC 6455 §7.1.7: a ${role} that fails does so behind the end of the peer`, async () => {
    const { protocol, recorder, events } = failing(['a10161']);
    protocol.receiveEnd();
    await recorder.noted('end');
    assert.deepEqual(firstBytes(recorder), [0xc1, 0x88]);
    assert.deepEqual(events, [['text', 'a'], ...closing]);
  });

  test(`RFC 6455 §7.1.7: a ${role} that fails while its Close waits is done at once`, async () => {
    const { protocol, recorder, events } = failing([]);
    protocol.close(1000);
    protocol.fail(1011, 'broken');
    assert.deepEqual(events.slice(1), [
      ['close sent', 1011, 'broken'],
      ['end', 1006, ''],
    ]);
    assert.deepEqual([firstBytes(recorder), protocol.droppedAmount], [[0x88], 5002]);
  });

  test(`RFC 6455 §7.1.7: a ${role} that fails hears nothing more of what it inflates`, async () => {
    const { protocol, recorder, events, take } = failing([]);
    take('c108f348cdc9c9070000', '810162');
    protocol.fail(1011, 'broken');
    await recorder.noted('end');
    assert.deepEqual(firstBytes(recorder), [0xc1, 0x88]);
    assert.deepEqual(events, [
      ['text', 'a'],
      ['close sent', 1011, 'broken'],
      ['end', 1006, ''],
    ]);
  });

  test(`RFC 6455 §7.1.7: a ${role} that fails and is terminated sends nothing more`, () => {
    const { protocol, recorder, events } = failing(['a10161']);
    protocol.terminate();
    assert.deepEqual(
      [recorder.wire, protocol.droppedAmount],
      ['', 5002 + Buffer.byteLength(closeReason)],
    );
    assert.deepEqual(events, [
      ['text', 'a'],
      ['violation', 'RESERVED_BITS'],
    ]);
  });
}

test('RFC 6455 §5.5.2: a Ping passes a Close that waits, and none follows one that was sent', () => {
  const { protocol, recorder } = open({ role: 'server' });
  const turns: FragmentSender[] = [];
  protocol.fragments('text', undefined, (turn) => turns.push(turn));
  turns[0]?.send('a', false);
  protocol.close(1000);
  assert.deepEqual([protocol.state, protocol.ping(unhex('01'))], ['close-sent', true]);
  turns[0]?.send('b', true);
  assert.equal(protocol.ping(unhex('02')), false);
  assert.equal(recorder.wire, '010161890101800162880203e8');
});

test('the memory of what is unfinished is told until the message is whole', () => {
  const { protocol } = open({ role: 'client' });
  assert.equal(protocol.heldAmount, 0);
  protocol.receive(unhex('02020102'));
  assert.ok(protocol.heldAmount >= 2);
  protocol.receive(unhex('800103'));
  assert.equal(protocol.heldAmount, 0);
});

test('a message for many is sent like any other, and not once the closing handshake has started', () => {
  const { protocol, recorder } = server();
  const encoder = { arena: new FrameArena(), deflate: new SharedDeflate() };
  const message = new SharedMessage('a', undefined, encoder);
  assert.equal(protocol.sharesFrames, true);
  protocol.share(message);
  assert.equal(recorder.wire, '810161');
  protocol.close(1000);
  protocol.share(message);
  assert.equal(recorder.wire, '810161880203e8');
});
