import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type ProtocolError, WebSocketError } from '../../src/protocol/errors.ts';
import { Protocol } from '../../src/protocol/protocol.ts';
import { failure, received, roles } from '../support/frames.ts';
import { atEveryCut, feed, open, Recorder, unhex } from '../support/recorder.ts';

const mebibyte = 1 << 20;

test('C-23: RFC 6455 §10.4: a size over the limit fails with 1009 before any payload', () => {
  const options = { maxMessageSize: 64 * mebibyte };
  const wire = unhex('81ff000000000400000100000000');
  atEveryCut(wire, (cuts) => {
    const { protocol, recorder } = open({ ...options, role: 'server' });
    feed((chunk) => protocol.receive(chunk), wire, cuts);
    assert.deepEqual(recorder.events, failure('MESSAGE_TOO_BIG'));
  });
  const check = ({ events }: Recorder) => assert.deepEqual(events, failure('MESSAGE_TOO_BIG'));
  received(['817f0000000004000001'], check, options);
});

for (const role of roles) {
  test(`C-24: RFC 6455 §10.4: 1,025 bytes to a ${role} that takes 1,024 are accepted, then 1009`, () => {
    const near = open({ role: role === 'client' ? 'server' : 'client' });
    const far = open({ role, maxMessageSize: 1024 });
    assert.equal(near.protocol.send('x'.repeat(1024)), true);
    assert.equal(near.protocol.send('x'.repeat(1025)), true);
    for (const bytes of near.recorder.written.splice(0)) far.protocol.receive(bytes);
    assert.deepEqual(far.recorder.events.slice(1), failure('MESSAGE_TOO_BIG'));
    for (const bytes of far.recorder.written) near.protocol.receive(bytes);
    assert.deepEqual(near.recorder.events[0]?.slice(0, 2), ['close', 1009]);
    assert.equal(near.protocol.state, 'closed');
  });
}

/** Numbers that look random and are the same in every run. */
function* noise(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state >>> 24;
  }
}

test('C-87: F043: 10,000 random buffers give messages or a WebSocketError, never an exception', () => {
  class Listening extends Recorder {
    override onViolation(error: ProtocolError): void {
      assert.ok(error instanceof WebSocketError);
      super.onViolation(error);
    }
  }
  const bytes = noise(0x48_61_77_73);
  let failed = 0;
  for (let run = 0; run < 10_000; run++) {
    const buffer = Uint8Array.from({ length: bytes.next().value }, () => bytes.next().value);
    // The mask bit is set, and often the first byte is a good one, so that more than headers is met.
    if (buffer.length > 1) buffer[1] = (buffer[1] ?? 0) | 0x80;
    if (run % 2 === 0) buffer[0] = [0x81, 0x82, 0x01, 0x02, 0x88, 0x89][run % 6] ?? 0;
    const recorder = new Listening();
    const protocol = new Protocol({ role: 'server', maxMessageSize: mebibyte }, recorder);
    protocol.receive(buffer);
    protocol.receiveEnd();
    const names = recorder.events.map(([name]) => name);
    assert.equal(names.filter((name) => name === 'end').length, 1);
    const violations = names.filter((name) => name === 'violation').length;
    assert.ok(violations <= 1);
    failed += violations;
  }
  assert.ok(failed > 5000 && failed < 10_000);
});
