import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Handler, Message } from '../../src/connection/handler.ts';
import type { Role } from '../../src/protocol/role.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { type MakePair, otherRole, pull, roles, turn, until } from './pairs.ts';

/** A connection ends the same way whichever side begins, and both sides can say why. */
export function closingSuite(name: string, makePair: MakePair): void {
  for (const role of roles) {
    describe(`closing over ${name}, begun by the ${role}`, () => {
      handshakeTests(makePair, role);
      orderTests(makePair, role);
      failureTests(makePair, role);
    });
  }
  describe(`closing over ${name}, begun by both`, () => simultaneousTests(makePair));
}

function handshakeTests(makePair: MakePair, role: Role): void {
  const other = otherRole(role);

  for (const [code, retryable] of [
    [1000, false],
    [1001, true],
    [1011, true],
    [1012, true],
    [3000, false],
    [4999, false],
  ] as const) {
    test(`RFC 6455 §7.1: ${code} and its reason reach both sides`, async (t) => {
      const pair = await makePair(t);
      const near = await pair[role].close(code, 'dû');
      const far = await pair[other].closed;
      const both = { code, reason: 'dû', wasClean: true, sentCode: code, receivedCode: code };
      const quiet = { phase: 'closing', bufferedAmount: 0 };
      assert.deepEqual(near, { ...both, ...quiet, initiator: 'local', retryable: false });
      assert.deepEqual(far, { ...both, ...quiet, initiator: 'peer', retryable });
      assert.deepEqual([pair.server.state, pair.client.state], ['closed', 'closed']);
    });
  }

  test('F069: the default is 1000 without a reason', async (t) => {
    const pair = await makePair(t);
    void pair[role].close();
    const { code, reason } = await pair[other].closed;
    assert.deepEqual([code, reason], [1000, '']);
  });

  test('F068: a reason is cut to 123 bytes at a character', async (t) => {
    const pair = await makePair(t);
    void pair[role].close(1000, 'é'.repeat(100));
    assert.equal((await pair[other].closed).reason, 'é'.repeat(61));
  });

  test('F079: a second close() changes nothing and tells the same', async (t) => {
    const pair = await makePair(t);
    const first = pair[role].close(4_000, 'first');
    const second = pair[role].close(4_001, 'second');
    assert.equal(await first, await second);
    assert.equal(await pair[role].close(4_002), await first);
    assert.equal((await pair[other].closed).code, 4_000);
  });

  test('RFC 6455 §7.4: a code that may not be sent throws and leaves the connection open', async (t) => {
    const pair = await makePair(t);
    for (const code of [999, 1004, 1005, 1006, 1015, 2999, 5000, Number.NaN]) {
      assert.throws(() => void pair[role].close(code), RangeError, String(code));
    }
    pair[role].send('still open');
    assert.deepEqual(await pull(pair[other], 1), ['still open']);
  });

  test('RFC 6455 §7.1.3: where the handshake stands can be seen on both sides', async (t) => {
    const pair = await makePair(t, { options: { echoClose: false } });
    void pair[role].close();
    assert.equal(pair[role].state, 'close-sent');
    await until(() => pair[other].state !== 'open');
    assert.equal(pair[other].state, 'close-received');
    const info = await pair[other].close(4_100, 'mine');
    assert.deepEqual([info.code, info.sentCode, info.initiator], [1000, 4_100, 'peer']);
    assert.equal((await pair[role].closed).code, 4_100);
  });
}

function orderTests(makePair: MakePair, role: Role): void {
  const other = otherRole(role);

  test('what was sent before the Close arrives before it; nothing is sent after it', async (t) => {
    const pair = await makePair(t);
    const messages = Array.from({ length: 200 }, (_, index) => `message ${index}`);
    for (const message of messages) pair[role].send(message);
    void pair[role].close();
    assert.equal(pair[role].send('too late'), false);
    await assert.rejects(pair[role].drained(), { code: 'ERR_NOT_OPEN' });
    const received: Message[] = [];
    for await (const message of pair[other]) received.push(message);
    assert.deepEqual(received, messages);
    assert.equal(await pair[other].receive(), undefined);
  });

  test('behaviour 2: close is called once, after the last message was handled', async (t) => {
    const events: string[] = [];
    const handler: Handler = {
      async message(_connection, message) {
        await turn();
        events.push(String(message));
      },
      close: (_connection, info) => void events.push(`close ${info.code}`),
    };
    const pair = await makePair(t, { [other]: handler });
    for (const message of ['a', 'b', 'c']) pair[role].send(message);
    await pair[role].close(4_000);
    await until(() => events.length >= 4);
    await turn();
    assert.deepEqual(events, ['a', 'b', 'c', 'close 4000']);
  });

  test('behaviour 6: close() ends a pause, and what came before is not lost', async (t) => {
    const pair = await makePair(t);
    pair[role].pause();
    pair[other].send('before');
    await turn();
    const info = await pair[role].close();
    assert.equal(info.wasClean, true);
    assert.deepEqual(await pull(pair[role], 1), ['before']);
  });

  test('leaving an iteration closes with 1000', async (t) => {
    const pair = await makePair(t);
    pair[other].send('first');
    for await (const message of pair[role]) {
      assert.equal(message, 'first');
      break;
    }
    assert.equal((await pair[other].closed).code, 1000);
  });

  test('the signal is aborted when the connection ends', async (t) => {
    const pair = await makePair(t);
    const { signal } = pair[other];
    assert.equal(signal.aborted, false);
    await pair[role].close();
    await pair[other].closed;
    assert.equal(signal.aborted, true);
  });
}

function failureTests(makePair: MakePair, role: Role): void {
  const other = otherRole(role);

  test('F075: terminate() sends no Close; each side says what it saw', async (t) => {
    const pair = await makePair(t);
    pair[role].terminate();
    const near = await pair[role].closed;
    const far = await pair[other].closed;
    assert.deepEqual([near.code, near.wasClean, near.initiator], [1006, false, 'local']);
    assert.deepEqual([far.code, far.wasClean, far.initiator], [1006, false, 'network']);
    assert.deepEqual(
      [near.sentCode, far.sentCode, far.receivedCode],
      [undefined, undefined, undefined],
    );
    assert.deepEqual([near.phase, far.phase], ['open', 'open']);
    assert.equal(far.retryable, true);
    await assert.rejects(pair[other].receive(), { name: 'ConnectionClosedError' });
  });

  test('behaviour 1: a handler that throws closes with 1011 and is reported', async (t) => {
    const thrown = new Error('from the handler');
    const errors: unknown[] = [];
    const handler: Handler = {
      message() {
        throw thrown;
      },
      error: (_connection, error) => void errors.push(error),
    };
    const pair = await makePair(t, { [role]: handler });
    pair[other].send('x');
    const far = await pair[other].closed;
    const near = await pair[role].closed;
    assert.equal(far.code, 1011);
    assert.deepEqual([near.code, near.wasClean, near.initiator], [1011, false, 'local']);
    assert.equal(near.error, thrown);
    assert.deepEqual(errors, [thrown]);
  });

  test('RFC 6455 §10.4: a message over the limit fails the connection with 1009', async (t) => {
    const pair = await makePair(t, { options: { maxMessageSize: 1_000 } });
    void pair[role].receive();
    pair[other].send(new Uint8Array(1_001));
    const far = await pair[other].closed;
    const near = await pair[role].closed;
    assert.deepEqual([far.code, far.receivedCode], [1009, 1009]);
    assert.deepEqual([near.code, near.wasClean, near.initiator], [1009, false, 'local']);
    assert.equal((near.error as { code?: string }).code, 'ERR_PAYLOAD_TOO_BIG');
  });

  test('F071: a Close without an answer ends with 1006 after closeTimeout', async (t) => {
    const clock = new VirtualClock();
    const options = { echoClose: false, closeTimeout: 3_000 };
    const pair = await makePair(t, { clock, options });
    const closing = pair[role].close(4_000);
    await until(() => pair[other].state === 'close-received');
    clock.advance(2_999);
    await turn();
    assert.equal(pair[role].state, 'close-sent');
    clock.advance(1);
    const info = await closing;
    assert.deepEqual([info.code, info.wasClean, info.sentCode], [1006, false, 4_000]);
    assert.equal(info.phase, 'closing');
  });
}

function simultaneousTests(makePair: MakePair): void {
  test('RFC 6455 §7.1: both Closes cross and each side gets the other one', async (t) => {
    const pair = await makePair(t);
    const [server, client] = await Promise.all([
      pair.server.close(4_001, 'server'),
      pair.client.close(4_002, 'client'),
    ]);
    assert.deepEqual([server.code, server.reason, server.sentCode], [4_002, 'client', 4_001]);
    assert.deepEqual([client.code, client.reason, client.sentCode], [4_001, 'server', 4_002]);
    assert.deepEqual([server.wasClean, client.wasClean], [true, true]);
    assert.deepEqual([server.initiator, client.initiator], ['local', 'local']);
  });

  test('both may terminate at once', async (t) => {
    const { server, client } = await makePair(t);
    server.terminate();
    client.terminate();
    const infos = await Promise.all([server.closed, client.closed]);
    assert.deepEqual(
      infos.map(({ code, initiator }) => [code, initiator]),
      [
        [1006, 'local'],
        [1006, 'local'],
      ],
    );
  });
}
