import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fails, frame, masked, payload, received, roles } from '../support/frames.ts';
import { atEveryCut, feed, open, unhex } from '../support/recorder.ts';
import { invalidUtf8 } from '../support/vectors.ts';

const codeOf = (code: number) => code.toString(16).padStart(4, '0');

test('C-16: RFC 6455 §5.5: a long control frame fails with 1002, after two bytes already', () => {
  for (const first of ['88', '89', '8a']) {
    fails([`${first}7e007e${payload('a'.repeat(126))}`], 'CONTROL_TOO_LONG');
    fails([`${first}7e`], 'CONTROL_TOO_LONG');
    fails([`${first}7f`], 'CONTROL_TOO_LONG');
  }
  const wire = unhex(`89fe007e00000000${'41'.repeat(126)}`);
  atEveryCut(wire, (cuts) => {
    const { protocol, recorder } = open({ role: 'server' });
    feed((chunk) => protocol.receive(chunk), wire, cuts);
    assert.deepEqual(recorder.events[0], ['violation', 'CONTROL_TOO_LONG']);
  });
});

test('C-17: RFC 6455 §5.5: a control frame in fragments fails with 1002', () => {
  for (const first of ['08', '09', '0a']) fails([`${first}20`], 'CONTROL_FRAGMENTED');
  fails([frame('09', payload('ping'))], 'CONTROL_FRAGMENTED');
});

test('RFC 6455 §5.5: control frames carry up to 125 bytes', () => {
  const body = '61'.repeat(125);
  received([frame('89', body), frame('8a', body)], ({ events }) => {
    assert.deepEqual(events, [
      ['ping', body],
      ['pong', body],
    ]);
  });
});

test('C-28: RFC 6455 §7.1.5: an empty Close is 1005, and answered by an empty one', () => {
  received(['8800'], (recorder, _, role) => {
    assert.deepEqual(recorder.events, [
      ['close', 1005, ''],
      ['close sent', 1005, ''],
      ['end', 1005, ''],
    ]);
    assert.equal(recorder.wire, role === 'server' ? '8800' : '888000000001');
  });
});

test('C-29: RFC 6455 §5.5.1: a Close payload of one byte fails with 1002', () => {
  fails(['880161'], 'CLOSE_PAYLOAD');
});

test('C-30: RFC 6455 §7.4: a close code that must not be sent fails with 1002', () => {
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1100, 2000, 2999, 5000, 65_535]) {
    fails([`8802${codeOf(code)}`], 'CLOSE_CODE');
  }
});

test('C-31: RFC 6455 §7.4: the registered codes 1012 to 1014, and all others, are taken', () => {
  const codes = [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999,
  ];
  for (const code of codes) {
    received([`8802${codeOf(code)}`], ({ events }) => {
      assert.deepEqual(events, [
        ['close', code, ''],
        ['close sent', code, ''],
        ['end', code, ''],
      ]);
    });
  }
});

test('C-35: RFC 6455 §8.1: a reason that is not UTF-8 fails with 1007', () => {
  for (const text of invalidUtf8) fails([frame('88', `03e8${text}`)], 'INVALID_UTF8');
});

for (const role of roles) {
  test(`C-52: RFC 6455 §5.5.3: a ${role} answers each ping alike, and data still passes`, () => {
    const frames = [frame('89', payload('ping')), '8900', '810161'].map(unhex);
    const wire = Buffer.concat(role === 'server' ? frames.map(masked) : frames);
    atEveryCut(wire, (cuts) => {
      const near = open({ role });
      feed((chunk) => near.protocol.receive(chunk), wire, cuts);
      assert.deepEqual(near.recorder.events.at(-1), ['text', 'a']);
      const far = open({ role: role === 'client' ? 'server' : 'client' });
      far.protocol.receive(unhex(near.recorder.wire));
      assert.deepEqual(far.recorder.events, [
        ['pong', payload('ping')],
        ['pong', ''],
      ]);
    });
  });

  test(`C-53: RFC 6455 §5.5.2: a ping of one byte and an empty one are told to the ${role}`, () => {
    const far = open({ role });
    const near = open({ role: role === 'client' ? 'server' : 'client' });
    for (const bytes of ['78', '']) near.protocol.ping(unhex(bytes));
    for (const bytes of near.recorder.written) far.protocol.receive(bytes);
    assert.deepEqual(far.recorder.events, [
      ['ping', '78'],
      ['ping', ''],
    ]);
    for (const bytes of far.recorder.written) near.protocol.receive(bytes);
    assert.deepEqual(near.recorder.events, [
      ['pong', '78'],
      ['pong', ''],
    ]);
  });
}
