import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WebSocketError } from '../../src/protocol/errors.ts';
import { frame, payload, received, roles } from '../support/frames.ts';
import { join } from '../support/pair.ts';
import { hex, open, unhex } from '../support/recorder.ts';

const mebibyte = 1 << 20;
const unfinished = (error: unknown) =>
  error instanceof WebSocketError && error.code === 'ERR_MESSAGE_UNFINISHED';

test('F044: fragments are joined to one message', () => {
  const frames = [frame('01', payload('Hello')), frame('80', payload('World'))];
  received(frames, ({ events }) => assert.deepEqual(events, [['text', 'HelloWorld']]));
  const many = ['020101', '000102', '0000', '000103', '800104'];
  received(many, ({ events }) => assert.deepEqual(events, [['binary', '01020304']]));
});

test('F045: control frames between fragments arrive, and the message too', () => {
  received(['0203010203', '89026869', '8a0178', '8003040506'], ({ events }) => {
    assert.deepEqual(events, [
      ['ping', '6869'],
      ['pong', '78'],
      ['binary', '010203040506'],
    ]);
  });
});

test('F046, F047: pieces say which is first, which is last, and what of the frame remains', () => {
  const { protocol, recorder } = open({ role: 'client', pieces: true });
  for (const chunk of ['0105616263', '6465', '8003', '6667', '68']) protocol.receive(unhex(chunk));
  assert.deepEqual(recorder.events, [
    ['piece', payload('abc'), 'text', true, false, 2],
    ['piece', payload('de'), 'text', false, false, 0],
    ['piece', payload('fg'), 'text', false, false, 1],
    ['piece', payload('h'), 'text', false, true, 0],
  ]);
});

test('F048, F053: text is told as a string, binary as bytes', () => {
  received(['8103616263', '8203616263'], ({ events }) => {
    assert.deepEqual(events, [
      ['text', 'abc'],
      ['binary', '616263'],
    ]);
  });
});

test('F049: empty messages are messages, whole and in fragments', () => {
  received(['8100', '8200', '0100', '8000'], ({ events }) => {
    assert.deepEqual(events, [
      ['text', ''],
      ['binary', ''],
      ['text', ''],
    ]);
  });
});

for (const role of roles) {
  test(`F050: three fragments sent by hand by a ${role} are one message`, () => {
    const { near, farEvents, exchange } = join(role);
    for (const [piece, fin] of [
      ['a', false],
      ['b', false],
      ['c', true],
    ] as const) {
      assert.equal(near.protocol.send(piece, { fin }), true);
    }
    assert.deepEqual(
      near.recorder.written.map(([first]) => first),
      [0x01, 0x00, 0x80],
    );
    exchange();
    assert.deepEqual(farEvents, [['text', 'abc']]);
  });

  test(`F051: 20,000 bytes of a ${role} in fragments of 8,192 are three frames, one message`, () => {
    const { near, farEvents, exchange } = join(role, { maxFragmentSize: 8192 });
    near.protocol.send('x'.repeat(20_000));
    assert.equal(near.recorder.written.length, 3);
    exchange();
    assert.deepEqual(farEvents, [['text', 'x'.repeat(20_000)]]);
  });

  test(`F052: a ${role} refuses a new message inside one, and stays as it was`, () => {
    const { near, farEvents, exchange } = join(role);
    near.protocol.send('a', { fin: false });
    assert.throws(() => near.protocol.send('b'), unfinished);
    assert.throws(() => near.protocol.send(unhex('62'), { fin: true }), unfinished);
    near.protocol.send('c', { fin: true });
    near.protocol.send('d');
    exchange();
    assert.deepEqual(farEvents, [
      ['text', 'ac'],
      ['text', 'd'],
    ]);
  });

  test(`F054: a frame of 1 MiB of a ${role} is told in pieces`, () => {
    const { near, far } = join(role, {}, { pieces: true });
    const bytes = Uint8Array.from({ length: mebibyte }, (_, index) => index % 251);
    near.protocol.send(bytes);
    const [wire = new Uint8Array(0)] = near.recorder.written;
    for (let start = 0; start < wire.length; start += 65_536) {
      far.protocol.receive(wire.slice(start, start + 65_536));
    }
    const { events } = far.recorder;
    assert.equal(events.length, 17);
    assert.ok(events.map(([, piece]) => piece).join('') === hex(bytes));
    assert.deepEqual(events.map(([, , , , , remaining]) => remaining).at(-1), 0);
    assert.deepEqual(events.filter(([, , , , last]) => last === true).length, 1);
  });

  test(`F056: a ${role} that is closing or closed sends nothing, and says so`, () => {
    const { near, far, exchange } = join(role);
    near.protocol.close();
    const sends = () => [
      near.protocol.send('a'),
      near.protocol.send('a', { fin: false }),
      near.protocol.ping(unhex('')),
      near.protocol.fragments('text', undefined, () => assert.fail()),
    ];
    assert.deepEqual(sends(), [false, false, false, false]);
    assert.equal(near.recorder.written.length, 1);
    exchange();
    assert.deepEqual(sends(), [false, false, false, false]);
    assert.deepEqual([near.recorder.wire, far.protocol.state], ['', 'closed']);
  });
}
