import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Traffic } from '../../../src/connection/limits/traffic.ts';
import { Deadlines } from '../../../src/connection/timing/deadlines.ts';
import { encodeFrame } from '../../../src/protocol/frame/encoder.ts';
import { Opcode } from '../../../src/protocol/opcode.ts';
import { Protocol } from '../../../src/protocol/protocol.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { optionsOf } from '../raw-peer.ts';

/** The traffic of a client's protocol, with limits that log when they are hit. */
function makeTraffic() {
  const clock = new VirtualClock();
  const log: string[] = [];
  const options = optionsOf('client', {
    messageTimeout: 1_000,
    rateLimit: { messages: 3, bytes: 1_000 },
    controlFrames: { burst: 3 },
    memoryBudget: { input: 1e6, output: 1e6 },
  });
  const protocol = new Protocol(
    { role: 'client', maxMessageSize: 100_000 },
    {
      onText: () => traffic.onMessage(),
      onBinary() {},
      onPing: (_bytes, start, end) => traffic.onControlFrame(end - start, false),
      onPong: (_bytes, start, end) => traffic.onControlFrame(end - start, true),
      onEnd() {},
      onViolation: (error) => assert.fail(error),
      write() {},
    },
  );
  const deadlines: Deadlines = new Deadlines(clock, options, {
    ping() {},
    lost() {},
    fail: (_code, _reason, _error, limit) => {
      log.push(`too slow: ${limit}`);
      deadlines.stop();
    },
    linger() {},
  });
  const hit = (limit: string): void => void log.push(limit);
  const reading = { hold() {}, release() {} };
  const target = { waiting: 0, drop() {} };
  const source = {
    protocol,
    reading,
    hit,
    fail() {},
    bufferedAmount: 0,
    onWrite: () => log.push('write'),
  };
  const traffic: Traffic = new Traffic(source, target, deadlines);
  const receive = (...frames: readonly Uint8Array[]): void => {
    const chunk = Buffer.concat(frames);
    protocol.receive(chunk);
    traffic.onReceived(chunk.length);
  };
  const { input, output } = options.memoryBudget;
  return { traffic, source, target, receive, protocol, clock, log, input, output };
}

const text = encodeFrame(Opcode.Text, 'hello');
const begun = encodeFrame(Opcode.Text, 'x'.repeat(500), { fin: false });

describe('Traffic', () => {
  test('counts messages and bytes for statistics', () => {
    const { traffic, receive, log } = makeTraffic();
    receive(text, text);
    traffic.onWritten(11, 11);
    assert.deepEqual(log, []);
    traffic.watched = true;
    traffic.onWritten(0, 0);
    assert.deepEqual(log, ['write']);
    const { messagesReceived, bytesReceived, bytesSent } = traffic.tally;
    assert.deepEqual([messagesReceived, bytesReceived, bytesSent], [2, 14, 11]);
  });

  test('counts messages, bytes and control frames for their limits', () => {
    const messages = makeTraffic();
    messages.receive(text, text, text);
    assert.deepEqual(messages.log, ['rateLimit']);
    const bytes = makeTraffic();
    bytes.receive(encodeFrame(Opcode.Text, 'x'.repeat(1_000)));
    assert.deepEqual(bytes.log, ['rateLimit']);
    const control = makeTraffic();
    const ping = encodeFrame(Opcode.Ping, '');
    control.receive(ping, ping, ping);
    assert.deepEqual(control.log, ['controlFrames']);
    const answers = makeTraffic();
    const pong = encodeFrame(Opcode.Pong, '');
    answers.receive(pong, pong, pong, pong);
    assert.deepEqual(answers.log, []);
  });

  test('a message that is unfinished after another one has a deadline of its own', () => {
    const { receive, traffic, clock, log } = makeTraffic();
    receive(begun);
    clock.advance(900);
    receive(encodeFrame(Opcode.Continuation, ''), begun);
    clock.advance(900);
    traffic.onDecoded();
    assert.deepEqual(log, []);
    clock.advance(101);
    assert.deepEqual(log, ['too slow: messageTimeout']);
  });

  for (const [name, opcode] of [
    ['Pings', Opcode.Ping],
    ['Pongs', Opcode.Pong],
  ] as const) {
    test(`FG-09: ${name} inside a message do not extend its time`, () => {
      const { receive, clock, log } = makeTraffic();
      receive(begun);
      for (let count = 0; count < 40; count++) {
        clock.advance(25);
        receive(encodeFrame(opcode, new Uint8Array(125)));
      }
      assert.equal(log.includes('too slow: messageTimeout'), true);
    });
  }

  test('memory: what is unfinished and what waits counts as it comes, and no more once taken', () => {
    const { receive, traffic, target, protocol, input } = makeTraffic();
    receive(begun);
    assert.equal(input.used, protocol.heldAmount);
    assert.ok(input.used >= 500);
    receive(encodeFrame(Opcode.Continuation, ''));
    assert.equal(input.used, 0);
    target.waiting = 70;
    traffic.onTaken();
    assert.equal(input.used, 0);
    traffic.onDecoded();
    assert.equal(input.used, 70);
    target.waiting = 30;
    traffic.onTaken();
    assert.equal(input.used, 30);
  });

  test('memory: what waits to leave counts when it had to wait, and no more once it left', () => {
    const { traffic, source, output } = makeTraffic();
    source.bufferedAmount = 500;
    traffic.onWritten(500, 500);
    assert.equal(output.used, 0);
    traffic.onWaiting();
    assert.deepEqual([output.used, traffic.waits], [500, true]);
    source.bufferedAmount = 700;
    traffic.onWritten(200, 700);
    assert.equal(output.used, 700);
    source.bufferedAmount = 0;
    traffic.onWaiting();
    assert.deepEqual([output.used, traffic.waits], [0, false]);
  });

  test('memory: what has room and is not filled in yet counts behind the turn', () => {
    const { traffic, source, output, log } = makeTraffic();
    traffic.onReserved(9, 9);
    assert.deepEqual([traffic.tally.bytesSent, log], [9, []]);
    source.bufferedAmount = 500;
    traffic.onWaiting();
    source.bufferedAmount = 1.1e6;
    traffic.onReserved(200, 700);
    assert.deepEqual([output.used, log], [500, ['write']]);
    traffic.onWaiting();
    assert.deepEqual([output.used, log[1]], [1.1e6, 'memoryBudget.output']);
    source.bufferedAmount = 0;
    traffic.onWaiting();
    traffic.watched = true;
    traffic.onReserved(1, 1);
    assert.equal(log.at(-1), 'write');
  });

  test('at the end only what waits for the application counts on', () => {
    const { traffic, source, target, receive, protocol, input, output } = makeTraffic();
    receive(begun);
    target.waiting = 40;
    source.bufferedAmount = 500;
    traffic.onWaiting();
    protocol.terminate();
    traffic.end();
    assert.deepEqual([input.used, output.used], [40, 0]);
    target.waiting = 0;
    traffic.onTaken();
    assert.equal(input.used, 0);
  });
});
