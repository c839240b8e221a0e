import assert from 'node:assert/strict';
import { test } from 'node:test';

import { payload, received, roles } from '../support/frames.ts';
import { join } from '../support/pair.ts';
import { open, unhex } from '../support/recorder.ts';

for (const role of roles) {
  test(`F057, F058: a ${role} answers every ping with its payload, also two in one chunk`, () => {
    const { near, far, nearEvents, exchange } = join(role);
    near.protocol.ping(unhex(payload('one')));
    near.protocol.ping(unhex(payload('two')));
    const chunk = Uint8Array.from(Buffer.concat(near.recorder.written.splice(0)));
    far.protocol.receive(chunk);
    exchange();
    assert.deepEqual(nearEvents, [
      ['pong', payload('one')],
      ['pong', payload('two')],
    ]);
  });

  test(`F059: a ping of a ${role} carries up to 125 bytes, more throw`, () => {
    const { near, farEvents, exchange } = join(role);
    near.protocol.ping(new Uint8Array(125));
    assert.throws(() => near.protocol.ping(new Uint8Array(126)), RangeError);
    exchange();
    assert.deepEqual(farEvents, [['ping', '00'.repeat(125)]]);
  });

  test(`F061: a ${role} is told of a ping after its pong was written`, () => {
    const { near, far, exchange } = join(role);
    far.recorder.onEvent = () => assert.equal(far.recorder.written.length, 1);
    near.protocol.ping(unhex('78'));
    exchange();
    assert.deepEqual(near.recorder.events, [['pong', '78']]);
  });

  test(`F066: the peer of a ${role} is told the code and the reason`, () => {
    const { near, farEvents, exchange } = join(role);
    near.protocol.close(1000, 'goodbye');
    exchange();
    assert.deepEqual(farEvents[0], ['close', 1000, 'goodbye']);
  });

  test(`F067, F068: a reason of a ${role} is cut to 123 bytes, never inside a character`, () => {
    for (const [reason, cut] of [
      ['a'.repeat(200), 'a'.repeat(123)],
      ['é'.repeat(100), 'é'.repeat(61)],
      ['😀'.repeat(40), '😀'.repeat(30)],
    ] as const) {
      const { near, farEvents, exchange } = join(role);
      near.protocol.close(1000, reason);
      exchange();
      assert.deepEqual(farEvents[0], ['close', 1000, cut]);
    }
  });

  test(`F070: a ${role} echoes code and reason of its peer`, () => {
    const { near, farEvents, nearEvents, exchange } = join(role);
    near.protocol.close(4001, 'bye');
    exchange();
    const whole = (first: string, second: string) => [
      [first, 4001, 'bye'],
      [second, 4001, 'bye'],
      ['end', 4001, 'bye'],
    ];
    assert.deepEqual(farEvents, whole('close', 'close sent'));
    assert.deepEqual(nearEvents, whole('close sent', 'close'));
  });

  test(`F074: an empty Close of a ${role} is 1005, and is echoed empty`, () => {
    const { near, far, farEvents, exchange } = join(role);
    near.protocol.close();
    exchange();
    assert.deepEqual(farEvents[0], ['close', 1005, '']);
    assert.deepEqual(near.recorder.events.at(-1), ['end', 1005, '']);
    assert.equal(far.protocol.state, 'closed');
  });

  test(`F075: a ${role} that is terminated writes no Close and is told nothing more`, () => {
    const { near, nearEvents, exchange, far } = join(role);
    near.protocol.terminate();
    assert.deepEqual([near.recorder.wire, near.protocol.state], ['', 'closed']);
    far.protocol.send('a');
    exchange();
    assert.deepEqual(nearEvents, []);
  });

  test(`F076: a ${role} sends 3000 to 4999, and they come back`, () => {
    for (const code of [3000, 3999, 4000, 4999]) {
      const { near, nearEvents, exchange } = join(role);
      near.protocol.close(code);
      exchange();
      assert.deepEqual(nearEvents.at(-1), ['end', code, '']);
    }
  });

  test(`F077: with echoClose off a ${role} answers when it is told to`, () => {
    const { near, far, exchange } = join(role, {}, { echoClose: false });
    near.protocol.close(1000);
    exchange();
    assert.deepEqual([far.protocol.state, far.recorder.wire], ['close-received', '']);
    far.protocol.close(1001);
    exchange();
    assert.deepEqual([near.protocol.state, far.protocol.state], ['closed', 'closed']);
  });

  test(`F079: a ${role} that closes twice sends one Close`, () => {
    const { protocol, recorder } = open({ role });
    protocol.close(1000, 'first');
    protocol.close(1001, 'second');
    assert.equal(recorder.written.length, 1);
    assert.deepEqual(recorder.events, [['close sent', 1000, 'first']]);
  });
}

test('F062: a pong nobody asked for is told and harmless', () => {
  received(['8a0178', '810161'], ({ events }, protocol) => {
    assert.deepEqual(events, [
      ['pong', '78'],
      ['text', 'a'],
    ]);
    assert.equal(protocol.state, 'open');
  });
});
