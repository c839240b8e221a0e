import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fails, frame, payload, received, roles, wireTo } from '../support/frames.ts';
import { open, unhex } from '../support/recorder.ts';

const hello = payload('Hello world!');

/** Frames reach ends of both roles, at every cut, and are told as these events. */
function tells(frames: readonly string[], events: readonly (readonly unknown[])[]): void {
  received(frames, (recorder) => assert.deepEqual(recorder.events, events));
}

test('C-09: RFC 6455 §5.2: a text frame is a text', () => {
  tells([`810c${hello}`], [['text', 'Hello world!']]);
});

test('C-10: RFC 6455 §5.2: a binary frame is bytes', () => {
  tells(['82050001020304'], [['binary', '0001020304']]);
});

test('C-11: RFC 6455 §5.6: empty messages are messages', () => {
  tells(['8100'], [['text', '']]);
  tells(['8200'], [['binary', '']]);
  tells(
    ['8100', '8200'],
    [
      ['text', ''],
      ['binary', ''],
    ],
  );
});

test('C-12: RFC 6455 §5.5: pings and pongs, empty and not', () => {
  tells(['8900'], [['ping', '']]);
  tells(['8a00'], [['pong', '']]);
  tells([`890c${hello}`], [['ping', hello]]);
});

test('C-14: RFC 6455 §5.2: reserved bits fail with 1002, after two bytes already', () => {
  for (const first of ['c1', 'a1', '91', 'e1', 'd1', 'b1']) {
    fails([`${first}0c${hello}`], 'RESERVED_BITS');
    fails([`${first}0c`], 'RESERVED_BITS');
  }
  const { protocol, recorder } = open({ role: 'server' });
  protocol.receive(unhex('c1840000000074657374'));
  assert.deepEqual(recorder.events[0], ['violation', 'RESERVED_BITS']);
});

test('C-15: RFC 6455 §5.2: reserved opcodes fail with 1002, after two bytes already', () => {
  for (const first of ['83', '84', '85', '86', '87', '8b', '8c', '8d', '8e', '8f']) {
    fails([`${first}0c${hello}`], 'RESERVED_OPCODE');
    fails([`${first}01`], 'RESERVED_OPCODE');
  }
});

test('C-20: RFC 6455 §5.2: the top bit of a 64-bit length fails with 1002', () => {
  fails(['817f8000000000000000'], 'LENGTH_TOP_BIT');
});

test('C-21: RFC 6455 §5.2: a length that has a shorter form fails with 1002', () => {
  fails(['817e0078'], 'LENGTH_NOT_MINIMAL');
  for (const length of [0, 64, 125]) {
    const header = `7e${length.toString(16).padStart(4, '0')}`;
    for (const first of ['81', '82']) fails([`${first}${header}`], 'LENGTH_NOT_MINIMAL');
    fails(['010161', `80${header}`], 'LENGTH_NOT_MINIMAL');
  }
});

test('C-37: RFC 6455 §5.2: a frame that is not whole is waited for', () => {
  const waits = (wire: string, options = {}) =>
    received(
      [wire],
      ({ events }, protocol) => {
        assert.deepEqual(events, []);
        assert.equal(protocol.midFrame, true);
        protocol.receiveEnd();
        assert.deepEqual(events, [
          ['violation', 'INCOMPLETE_FRAME'],
          ['end', 1006, ''],
        ]);
      },
      options,
    );
  const whole = frame('81', payload('a'.repeat(10)));
  for (let length = 1; length < 12; length++) waits(whole.slice(0, length * 2));
  for (const bytes of [0, 1]) waits(`817e${'00'.repeat(bytes)}`);
  for (const bytes of [0, 1, 2, 3, 4, 5, 6, 7]) waits(`817f${'00'.repeat(bytes)}`);
  for (const header of ['817d', '817e0100', '817f000000000001f400']) {
    waits(header + payload('a'.repeat(32)));
  }
});

for (const role of roles) {
  const second = (size: number) => {
    const { protocol, recorder } = open({ role });
    assert.equal(protocol.send('x'.repeat(size)), true);
    return (recorder.written[0]?.[1] ?? 0) & 0x7f;
  };

  test(`C-43: RFC 6455 §5.2: a ${role} sends 200 and 300 bytes with a 16-bit length`, () => {
    assert.deepEqual([200, 300].map(second), [126, 126]);
  });

  test(`C-44: RFC 6455 §5.2: a ${role} sends 65,536 and 70,000 bytes with a 64-bit length`, () => {
    assert.deepEqual([65_536, 70_000].map(second), [127, 127]);
  });

  test(`C-44: RFC 6455 §5.2: all sizes from 0 to 65,792 in steps of 128 reach a ${role}`, () => {
    const near = open({ role: role === 'client' ? 'server' : 'client' });
    const far = open({ role });
    const sizes = Array.from({ length: 515 }, (_, index) => index * 128);
    const arrived = sizes.map((size) => {
      near.protocol.send(new Uint8Array(size).fill(size % 251));
      for (const bytes of near.recorder.written.splice(0)) far.protocol.receive(bytes);
      return far.recorder.events.pop()?.[1];
    });
    const hexOf = (size: number) => (size % 251).toString(16).padStart(2, '0').repeat(size);
    assert.deepEqual(arrived, sizes.map(hexOf));
  });

  test(`RFC 6455 §5.7: the examples of the RFC, received by a ${role}`, () => {
    const large = '5a'.repeat(65_536);
    const frames = [`827e0100${'00'.repeat(256)}`, `827f0000000000010000${large}`];
    const { protocol, recorder } = open({ role });
    protocol.receive(wireTo(role, frames));
    assert.deepEqual(recorder.events, [
      ['binary', '00'.repeat(256)],
      ['binary', large],
    ]);
  });
}
