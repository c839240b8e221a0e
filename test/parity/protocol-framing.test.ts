import assert from 'node:assert/strict';
import { test } from 'node:test';

import { failure, fails, frame, masked, payload, received, roles } from '../support/frames.ts';
import { join } from '../support/pair.ts';
import { feed, hex, open, unhex } from '../support/recorder.ts';

const a126 = payload('a'.repeat(126));

for (const role of roles) {
  test(`F016: 200, 4,096 and 70,000 bytes of a ${role} arrive, each with its form of the length`, () => {
    const { near, farEvents, exchange } = join(role);
    const sizes = [200, 4096, 70_000];
    for (const size of sizes) near.protocol.send('x'.repeat(size));
    const forms = near.recorder.written.map((bytes) => (bytes[1] ?? 0) & 0x7f);
    assert.deepEqual(forms, [126, 126, 127]);
    exchange();
    assert.deepEqual(
      farEvents,
      sizes.map((size) => ['text', 'x'.repeat(size)]),
    );
  });

  test(`F020: a ${role} is given a range of the very bytes that came`, () => {
    const { protocol, recorder } = open({ role });
    const wire = unhex('820401020304');
    const chunk = role === 'server' ? Uint8Array.from(masked(wire)) : wire;
    recorder.onBinary = (bytes, start, end) => {
      assert.equal(bytes.buffer, chunk.buffer);
      assert.equal(hex(bytes.subarray(start, end)), '01020304');
      recorder.events.push(['range']);
    };
    protocol.receive(chunk);
    assert.deepEqual(recorder.events, [['range']]);
  });
}

test('F017: two and ten frames in one chunk arrive in order', () => {
  for (const count of [2, 10]) {
    const numbers = Array.from({ length: count }, (_, index) => String(index));
    const frames = numbers.map((number) => frame('81', payload(number)));
    received(frames, ({ events }) => {
      assert.deepEqual(
        events,
        numbers.map((number) => ['text', number]),
      );
    });
  }
});

test('F018: a frame of each kind and length, byte by byte', () => {
  const frames = [frame('81', payload('a')), frame('82', a126), '8900', '8a0161', '8100'];
  received(frames, ({ events }) => {
    assert.deepEqual(events, [
      ['text', 'a'],
      ['binary', a126],
      ['ping', ''],
      ['pong', '61'],
      ['text', ''],
    ]);
  });
});

test('F021, F023: reserved bits and reserved opcodes fail with 1002', () => {
  for (const first of ['c1', 'a1', '91']) fails([`${first}00`], 'RESERVED_BITS');
  for (const first of ['83', '87', '8b', '8f']) fails([`${first}00`], 'RESERVED_OPCODE');
});

test('F022: with allowReservedBits they are told with the message', () => {
  received(
    ['d10161', '830162'],
    ({ events, headers }) => {
      assert.deepEqual(events, [
        ['text', 'a'],
        ['binary', '62'],
      ]);
      assert.deepEqual(headers, [
        { opcode: 1, rsv: 5 },
        { opcode: 3, rsv: 0 },
      ]);
    },
    { allowReservedBits: true },
  );
});

test('F024: a control frame in fragments fails with 1002', () => {
  for (const first of ['08', '09', '0a']) fails([`${first}00`], 'CONTROL_FRAGMENTED');
});

test('F025: a control frame of more than 125 bytes fails with 1002', () => {
  for (const first of ['88', '89', '8a']) fails([frame(first, a126)], 'CONTROL_TOO_LONG');
});

test('F026, F027: a server wants masks, a client wants none', () => {
  const server = open({ role: 'server' });
  server.protocol.receive(unhex('8100'));
  assert.deepEqual(server.recorder.events, failure('MASK_REQUIRED'));
  const client = open({ role: 'client' });
  client.protocol.receive(unhex('818000000000'));
  assert.deepEqual(client.recorder.events, failure('MASK_FORBIDDEN'));
});

test('F028, F029: a length that is too long a form, or has its top bit set, fails with 1002', () => {
  for (const length of [0, 1, 125]) {
    fails([`817e${length.toString(16).padStart(4, '0')}`], 'LENGTH_NOT_MINIMAL');
  }
  for (const length of [0, 125, 126, 65_535]) {
    fails([`817f${length.toString(16).padStart(16, '0')}`], 'LENGTH_NOT_MINIMAL');
  }
  fails(['817fffffffffffffffff'], 'LENGTH_TOP_BIT');
});

test('F030: a continuation of nothing fails with 1002', () => {
  fails(['800161'], 'CONTINUATION_UNEXPECTED');
  fails(['000161'], 'CONTINUATION_UNEXPECTED');
  fails(['010161', '800162', '800163'], 'CONTINUATION_UNEXPECTED', [['text', 'ab']]);
});

test('F031: a data frame inside an unfinished message fails with 1002', () => {
  for (const second of ['810162', '820162', '010162', '020162']) {
    fails(['010161', second], 'CONTINUATION_EXPECTED');
  }
});

test('F032, F033, F035: a Close must be empty, or have a valid code and a reason in UTF-8', () => {
  fails(['880103'], 'CLOSE_PAYLOAD');
  for (const code of ['0000', '03e7', '03ed', '03ee', '1388']) fails([`8802${code}`], 'CLOSE_CODE');
  fails(['880403e8c328'], 'INVALID_UTF8');
});

test('F034, F036: text that is not UTF-8 fails; a character cut in two by a fragment passes', () => {
  fails(['8102c328'], 'INVALID_UTF8');
  received(['0101c3', '8001a9'], ({ events }) => assert.deepEqual(events, [['text', 'é']]));
  fails(['0101c3', '0001c3'], 'INVALID_UTF8');
  fails(['0101c3', '8000'], 'INVALID_UTF8');
});

test('F037: with validateUtf8 off bad text passes', () => {
  const check = ({ events }: { events: unknown }) =>
    assert.deepEqual(events, [['text', '\ufffd(']]);
  received(['8102c328'], check, { validateUtf8: false });
});

test('F039: a frame has a limit of its own', () => {
  const options = { maxFrameSize: 10 };
  const frames = [frame('01', payload('a'.repeat(10))), frame('80', payload('b'.repeat(10)))];
  const whole = 'a'.repeat(10) + 'b'.repeat(10);
  received(frames, ({ events }) => assert.deepEqual(events, [['text', whole]]), options);
  fails([frame('81', payload('a'.repeat(11)))], 'FRAME_TOO_BIG', [], options);
});

test('F040: a message has a limit, whatever its fragments', () => {
  const options = { maxMessageSize: 10 };
  const ten = 'a'.repeat(10);
  received(
    [frame('81', payload(ten))],
    ({ events }) => assert.deepEqual(events, [['text', ten]]),
    options,
  );
  fails([frame('81', payload(`${ten}a`))], 'MESSAGE_TOO_BIG', [], options);
  fails([frame('01', payload(ten)), '800161'], 'MESSAGE_TOO_BIG', [], options);
});

test('F041: too much is refused from the header, without a byte of payload', () => {
  fails(['817e07d1'], 'MESSAGE_TOO_BIG', [], { maxMessageSize: 2000 });
  fails(['817f0000000100000000'], 'MESSAGE_TOO_BIG');
});

test('F043: whatever the first two bytes are, there is one failure at most and one end', () => {
  const lengths = [0, 1, 2, 5, 125, 126, 127];
  const seconds = [...lengths, ...lengths.map((length) => length | 0x80)];
  for (const role of roles) {
    for (let first = 0; first < 256; first++) {
      for (const second of seconds) {
        const { protocol, recorder } = open({ role });
        const wire = Uint8Array.of(first, second, ...new Uint8Array(140).fill(first));
        feed((chunk) => protocol.receive(chunk), wire, [1, 3]);
        const count = (name: string) => recorder.events.filter(([event]) => event === name).length;
        assert.ok(count('violation') <= 1);
        assert.equal(count('end'), protocol.state === 'closed' ? 1 : 0);
        assert.equal(count('end'), count('close sent'));
      }
    }
  }
});
