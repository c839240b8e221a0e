import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { CloseInfo } from '../../src/connection/closing/close-info.ts';
import type { Handler } from '../../src/connection/handler.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import { deferred, rawPair, type RawPairOptions, settle } from '../connection/raw-peer.ts';

type Pair = ReturnType<typeof rawPair>;

/** A way in which a connection ends, and what its CloseInfo must say. */
interface Ending extends RawPairOptions {
  readonly provoke: (pair: Pair) => unknown;
  /** Milliseconds until it is over. */
  readonly after?: number;
  readonly info: Partial<CloseInfo>;
  /** A part of the error's `code` or message; none by default. */
  readonly error?: string;
}

const clean = { wasClean: true, phase: 'closing', bufferedAmount: 0 } as const;
const failed = { wasClean: false, phase: 'open', initiator: 'local' } as const;
const gone = {
  code: 1006,
  reason: '',
  wasClean: false,
  bufferedAmount: 0,
  retryable: true,
} as const;
const quiet = { heartbeat: false } as const;
const never = new Promise<never>(() => {});

async function block({ connection, peer }: Pair, bytes = 300_000): Promise<void> {
  await settle();
  peer.transport.pause();
  connection.send(new Uint8Array(bytes));
  await settle();
}

async function* slowly(): AsyncGenerator<string> {
  yield 'a';
  await never;
}

const endings: Record<string, Ending> = {
  'our close(), answered': {
    async provoke({ connection, peer }) {
      void connection.close(4_000, 'bye');
      await peer.until(1);
      peer.close(4_000, 'bye');
      peer.transport.end();
    },
    info: {
      ...clean,
      code: 4_000,
      reason: 'bye',
      initiator: 'local',
      sentCode: 4_000,
      receivedCode: 4_000,
      retryable: false,
    },
  },
  'our close(1001), answered: not retryable': {
    async provoke({ connection, peer }) {
      void connection.close(1001);
      await peer.until(1);
      peer.close(1001);
      peer.transport.end();
    },
    info: { ...clean, code: 1001, initiator: 'local', retryable: false },
  },
  'our close(), answered by another code': {
    async provoke({ connection, peer }) {
      void connection.close(4_000);
      await peer.until(1);
      peer.close(1012, 'other');
      peer.transport.end();
    },
    info: {
      ...clean,
      code: 1012,
      reason: 'other',
      initiator: 'local',
      sentCode: 4_000,
      retryable: false,
    },
  },
  "the peer's Close": {
    async provoke({ peer }) {
      peer.close(1001, 'away');
      await peer.until(1);
      peer.transport.end();
    },
    info: {
      ...clean,
      code: 1001,
      reason: 'away',
      initiator: 'peer',
      sentCode: 1001,
      receivedCode: 1001,
      retryable: true,
    },
  },
  "the peer's empty Close": {
    async provoke({ peer }) {
      peer.send(Opcode.Close);
      await peer.until(1);
      peer.transport.end();
    },
    info: {
      ...clean,
      code: 1005,
      reason: '',
      initiator: 'peer',
      sentCode: 1005,
      receivedCode: 1005,
      retryable: false,
    },
  },
  'both at once': {
    provoke({ connection, peer }) {
      peer.close(4_002, 'theirs');
      void connection.close(4_001, 'ours');
      peer.transport.end();
    },
    info: {
      ...clean,
      code: 4_002,
      reason: 'theirs',
      initiator: 'local',
      sentCode: 4_001,
      receivedCode: 4_002,
    },
  },
  "the peer's Close, and nothing more: the socket goes after 1 s": {
    provoke: ({ peer }) => peer.close(1000),
    after: 1_000,
    info: { ...clean, code: 1000, initiator: 'peer' },
  },
  'a violation': {
    provoke: ({ peer }) => peer.send(3, 'x'),
    after: 1_000,
    info: {
      ...failed,
      code: 1002,
      reason: 'the opcode is reserved (RFC 6455 §5.2)',
      sentCode: 1002,
      bufferedAmount: 0,
      retryable: false,
    },
    error: 'ERR_INVALID_OPCODE',
  },
  'a violation, and the peer answers with a Close': {
    provoke({ peer }) {
      peer.send(3, 'x');
      peer.close(1000);
      peer.transport.end();
    },
    info: { ...failed, code: 1002, sentCode: 1002 },
    error: 'ERR_INVALID_OPCODE',
  },
  'a violation after our close()': {
    async provoke({ connection, peer }) {
      void connection.close(4_000);
      await settle();
      peer.send(3, 'x');
      peer.transport.end();
    },
    info: { ...gone, initiator: 'local', sentCode: 4_000, phase: 'closing', retryable: false },
    error: 'ERR_INVALID_OPCODE',
  },
  'a message over the limit': {
    options: { maxMessageSize: 4 },
    provoke: ({ peer }) => peer.texts('12345'),
    after: 1_000,
    info: { ...failed, code: 1009, sentCode: 1009 },
    error: 'ERR_PAYLOAD_TOO_BIG',
  },
  FIN: {
    provoke: ({ peer }) => peer.transport.end(),
    info: { ...gone, initiator: 'network', phase: 'open' },
  },
  'FIN inside a frame': {
    provoke({ peer }) {
      peer.transport.write(peer.frame(Opcode.Text, 'hello').subarray(0, -1));
      peer.transport.end();
    },
    info: { ...gone, initiator: 'network', phase: 'open' },
    error: 'ERR_INCOMPLETE_FRAME',
  },
  'FIN after our close()': {
    async provoke({ connection, peer }) {
      void connection.close();
      await peer.until(1);
      peer.transport.end();
    },
    info: { ...gone, initiator: 'local', sentCode: 1000, phase: 'closing', retryable: false },
  },
  RST: {
    provoke: ({ peer }) => peer.transport.destroy(),
    info: { ...gone, initiator: 'network', phase: 'open' },
    error: 'ECONNRESET',
  },
  'RST after our close()': {
    async provoke({ connection, peer }) {
      void connection.close();
      await peer.until(1);
      peer.transport.destroy();
    },
    info: { ...gone, initiator: 'local', sentCode: 1000, phase: 'closing', retryable: false },
    error: 'ECONNRESET',
  },
  'RST while paused, then resume()': {
    async provoke({ connection, peer }) {
      connection.pause();
      peer.texts('kept');
      await settle();
      peer.transport.destroy();
      await settle();
      assert.equal(connection.state, 'closed');
      connection.resume();
    },
    info: { ...gone, initiator: 'network', phase: 'open' },
    error: 'ECONNRESET',
  },
  "RST while paused, behind the peer's Close": {
    async provoke({ connection, peer }) {
      connection.pause();
      peer.close(4_000, 'x');
      await settle();
      peer.transport.destroy();
      await settle();
      connection.resume();
    },
    info: {
      code: 4_000,
      reason: 'x',
      wasClean: false,
      initiator: 'peer',
      receivedCode: 4_000,
      phase: 'closing',
    },
    error: 'ECONNRESET',
  },
  'terminate()': {
    provoke: ({ connection }) => connection.terminate(),
    info: { ...gone, initiator: 'local', phase: 'open' },
  },
  'terminate() with bytes waiting': {
    options: { ...quiet, maskingKey: () => 0 },
    async provoke(pair) {
      // Of 200 000 bytes and a header, 64 KiB went on their way.
      await block(pair, pair.connection.role === 'client' ? 199_996 : 200_000);
      pair.connection.terminate();
    },
    info: { ...gone, bufferedAmount: 134_474, initiator: 'local', phase: 'open' },
  },
  'terminate() after our close()': {
    async provoke({ connection, peer }) {
      void connection.close(4_000);
      await peer.until(1);
      connection.terminate();
    },
    info: { ...gone, initiator: 'local', sentCode: 4_000, phase: 'closing', retryable: false },
  },
  'terminate() after both Closes': {
    async provoke({ connection, peer }) {
      peer.close(4_000);
      await peer.until(1);
      connection.terminate();
    },
    info: { ...clean, code: 4_000, initiator: 'peer' },
  },
  'terminate() while paused': {
    async provoke({ connection, peer }) {
      connection.pause();
      peer.texts('lost');
      await settle();
      connection.terminate();
    },
    info: { ...gone, initiator: 'local', phase: 'open' },
  },
  'the heartbeat': {
    provoke: () => {},
    after: 47_500,
    info: { ...gone, initiator: 'network', phase: 'open' },
    error: 'the peer gave no sign of life',
  },
  'an unanswered close()': {
    provoke: ({ connection }) => void connection.close(4_000, 'x'),
    after: 5_000,
    info: { ...gone, initiator: 'local', sentCode: 4_000, phase: 'closing', retryable: false },
    error: 'the peer did not answer the Close',
  },
  'a message that takes too long': {
    options: { messageTimeout: 1_000 },
    provoke: ({ peer }) => peer.send(Opcode.Text, 'x', { fin: false }),
    after: 2_000,
    info: { ...failed, code: 1008, sentCode: 1008, reason: 'the message took too long' },
    error: 'ERR_TIMEOUT',
  },
  'a frame that stalls': {
    options: { stallTimeout: 500 },
    provoke: ({ peer }) => peer.transport.write(peer.frame(Opcode.Text, 'hello').subarray(0, -1)),
    after: 1_500,
    info: { ...failed, code: 1001, sentCode: 1001, retryable: true },
    error: 'ERR_TIMEOUT',
  },
  'a peer that takes no bytes': {
    options: { ...quiet, backpressure: { hard: 1 << 20, timeout: 3_000 } },
    provoke: (pair) => block(pair),
    after: 4_000,
    info: { ...failed, code: 1013, sentCode: 1013, retryable: true },
    error: 'ERR_TIMEOUT',
  },
  'the hard mark': {
    options: { ...quiet, backpressure: { soft: 1_000, hard: 100_000 } },
    async provoke(pair) {
      await block(pair);
      assert.equal(pair.connection.send('one more'), false);
    },
    after: 1_000,
    info: { ...failed, code: 1013, sentCode: 1013, retryable: true },
  },
  'while the receive queue is full': {
    options: { receiveQueue: 10 },
    handler: { message: () => settle(2) },
    async provoke({ connection, peer }) {
      peer.texts('1', '2'.repeat(50), '3', '4');
      await settle(1);
      peer.texts('5');
      connection.terminate();
    },
    info: { ...gone, initiator: 'local', phase: 'open' },
  },
  'RST while the receive queue is full': {
    options: { receiveQueue: 10 },
    handler: { message: () => settle(2) },
    async provoke({ peer }) {
      peer.texts('1', '2'.repeat(50), '3', '4');
      await settle(1);
      peer.transport.destroy();
      await settle(20);
    },
    info: { ...gone, initiator: 'network', phase: 'open' },
    error: 'ECONNRESET',
  },
  'terminate() while a message is compressed': {
    options: { compression: true },
    deflate: {},
    provoke({ connection }) {
      connection.send('x'.repeat(30_000));
      connection.terminate();
    },
    info: { ...gone, bufferedAmount: 30_000, initiator: 'local', phase: 'open' },
  },
  'the heartbeat while a message is sent in fragments': {
    provoke: ({ connection }) => void connection.sendFragments(slowly(), 'text'),
    after: 47_500,
    info: { ...gone, initiator: 'network', phase: 'open' },
    error: 'the peer gave no sign of life',
  },
  "the peer's Close while a message is sent in fragments": {
    async provoke({ connection, peer }) {
      void connection.sendFragments(slowly(), 'text');
      await settle();
      peer.close(4_000);
      await settle();
      assert.equal(connection.state, 'close-received');
      peer.transport.end();
    },
    info: {
      code: 4_000,
      wasClean: false,
      initiator: 'peer',
      receivedCode: 4_000,
      phase: 'closing',
    },
  },
  'a source of fragments that fails': {
    provoke({ connection }) {
      const source = function* (): Generator<string> {
        yield 'a';
        yield 'b';
        throw new Error('no more');
      };
      void connection.sendFragments(source(), 'text');
    },
    after: 1_000,
    info: { ...failed, code: 1011, sentCode: 1011 },
    error: 'no more',
  },
  'a Close kept back by echoClose, then close()': {
    options: { echoClose: false },
    async provoke({ connection, peer }) {
      peer.close(4_000, 'theirs');
      await settle();
      assert.deepEqual([connection.state, peer.log], ['close-received', []]);
      void connection.close(4_001, 'ours');
      peer.transport.end();
    },
    info: {
      ...clean,
      code: 4_000,
      reason: 'theirs',
      initiator: 'peer',
      sentCode: 4_001,
      receivedCode: 4_000,
    },
  },
  'a Close kept back by echoClose, for good': {
    options: { echoClose: false },
    provoke: ({ peer }) => peer.close(4_000),
    after: 47_500,
    info: {
      code: 4_000,
      wasClean: false,
      initiator: 'peer',
      receivedCode: 4_000,
      phase: 'closing',
    },
    error: 'the peer gave no sign of life',
  },
};

for (const role of ['server', 'client'] as const) {
  for (const [name, ending] of Object.entries(endings)) {
    test(`CloseInfo on a ${role}: ${name}`, async () => {
      const closes: CloseInfo[] = [];
      const handler: Handler = {
        message() {},
        ...ending.handler,
        close: (_connection, info) => void closes.push(info),
      };
      const pair = rawPair({ ...ending, role, handler });
      const { connection, clock } = pair;
      const { signal } = connection;
      const ping = connection.ping('unanswered');
      // Not one of the frames that a test counts.
      await pair.peer.until(1);
      pair.peer.frames.length = 0;
      await ending.provoke(pair);
      await clock.pass(ending.after ?? 0);
      await settle();
      const info = await connection.closed;
      await settle(30);
      const { error, ...facts } = info;
      assert.deepEqual({ ...facts, ...ending.info }, facts);
      if (ending.error === undefined) assert.equal(error, undefined);
      else assert.match(describeError(error), new RegExp(ending.error));
      for (const key of ['sentCode', 'receivedCode', 'error', 'lastRoundTripMs'] as const) {
        if (info[key] === undefined) assert.ok(!(key in info), `${key} is there, undefined`);
      }
      assert.deepEqual(closes, [info]);
      assert.ok(Object.isFrozen(info));
      assert.equal(connection.state, 'closed');
      assert.equal(signal.aborted, true);
      assert.equal(connection.signal, signal);
      await assert.rejects(ping, { code: 'ERR_NOT_OPEN' });
      await assert.rejects(connection.drained(), { code: 'ERR_NOT_OPEN' });
      assert.equal(connection.send('x'), false);
      assert.equal(await connection.close(), info);
      connection.terminate();
      assert.equal(await connection.closed, info);
      assert.equal(clock.pending, 0);
      await settle();
      assert.equal(closes.length, 1);
    });

    test(`receive() on a ${role}: ${name}`, async () => {
      if (ending.handler !== undefined) return;
      const pair = rawPair({ ...ending, role });
      const { connection, clock, peer } = pair;
      const messages: unknown[] = [];
      const pulling = (async () => {
        for await (const message of connection) messages.push(message);
      })();
      pulling.catch(() => {});
      await ending.provoke(pair);
      await clock.pass(ending.after ?? 0);
      if (ending.info.wasClean === false) {
        await assert.rejects(pulling, {
          name: 'ConnectionClosedError',
          info: await connection.closed,
        });
        await assert.rejects(connection.receive(), { code: 'ERR_NOT_OPEN' });
      } else {
        await pulling;
        assert.equal(await connection.receive(), undefined);
        assert.equal(await connection.receive({ timeout: 1 }), undefined);
      }
      if (name.includes('RST while paused, then')) assert.deepEqual(messages, ['kept']);
      assert.ok(peer.sink.closes <= 1);
    });
  }
}

function describeError(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return `${code} ${message}`;
}

describe('Behaviour 6: closing', () => {
  test('a violation: the Close, then FIN at once, and the socket is gone within 1 s', async () => {
    for (const role of ['server', 'client'] as const) {
      const { connection, peer, clock } = rawPair({ role, handler: { message() {} } });
      peer.send(Opcode.Continuation, 'x');
      await settle();
      assert.deepEqual(peer.sink.events, ['receive', 'end']);
      assert.match(peer.log[0] ?? '', /^close 1002 /);
      let over = false;
      void connection.closed.then(() => (over = true));
      await clock.pass(999);
      await settle();
      assert.equal(over, false);
      await clock.pass(1);
      await connection.closed;
    }
  });

  test('a failing connection reads on to the end of the peer, also when it was held', async () => {
    const gate = deferred();
    const { connection, peer } = rawPair({
      options: { receiveQueue: 10 },
      handler: {
        async message() {
          await gate.promise;
          throw new Error('x');
        },
        error() {},
      },
    });
    peer.texts('1', '2'.repeat(20));
    await settle();
    peer.texts('3');
    await settle();
    peer.texts('4'.repeat(1_000));
    await settle();
    peer.transport.end();
    gate.resolve();
    // No time passes: the peer's FIN is seen, so nothing has to be cut off.
    assert.equal((await connection.closed).code, 1011);
  });

  test('the server ends TCP first after both Closes, a client waits for it', async () => {
    for (const role of ['server', 'client'] as const) {
      const { peer, connection, clock } = rawPair({ role, handler: { message() {} } });
      peer.close(1000);
      await settle();
      assert.equal(peer.sink.ends, role === 'server' ? 1 : 0);
      peer.transport.end();
      await connection.closed;
      assert.equal(clock.now(), 0);
    }
  });

  test('a client that reads Close and FIN late does not linger', async () => {
    const { connection, peer, clock } = rawPair({ role: 'client', handler: { message() {} } });
    connection.pause();
    peer.close(1000);
    peer.transport.end();
    await settle();
    connection.resume();
    await connection.closed;
    assert.equal(clock.now(), 0);
  });

  test('a Close is echoed with its code and reason, an empty one by an empty one', async () => {
    const { peer } = rawPair({ handler: { message() {} } });
    peer.close(3_999, 'grund');
    await settle();
    assert.deepEqual(peer.log, ['close 3999 grund']);
    const empty = rawPair({ handler: { message() {} } });
    empty.peer.send(Opcode.Close);
    await settle();
    assert.deepEqual(empty.peer.log, ['close empty']);
  });

  test('data after a Close is ignored', async () => {
    const seen: unknown[] = [];
    const { peer } = rawPair({
      handler: {
        message: (_connection, message) => void seen.push(message),
        ping: () => void seen.push('ping'),
      },
    });
    peer.texts('before');
    peer.close(1000);
    peer.texts('after');
    peer.send(Opcode.Ping, 'x');
    peer.send(3, 'not even a violation');
    await settle();
    peer.texts('later');
    await settle();
    assert.deepEqual([seen, peer.log], [['before'], ['close 1000']]);
  });

  test('closeTimeout counts from the moment the Close left', async () => {
    const { connection, peer, clock } = rawPair({
      handler: { message() {} },
      options: quiet,
      highWaterMark: 10_000,
    });
    await settle();
    peer.transport.pause();
    connection.send(new Uint8Array(50_000));
    const closing = connection.close();
    await clock.pass(20_000);
    assert.equal(connection.state, 'close-sent');
    peer.transport.resume();
    await settle();
    assert.deepEqual(peer.log.at(-1), 'close 1000');
    await clock.pass(4_999);
    assert.equal(connection.state, 'close-sent');
    await clock.pass(1);
    assert.equal((await closing).code, 1006);
  });

  test('closeTimeout counts also while a Close that left is followed by blocked pongs', async () => {
    const { connection, peer, clock } = rawPair({
      handler: { message() {} },
      options: quiet,
      highWaterMark: 1_000,
    });
    const closing = connection.close();
    await settle();
    peer.transport.pause();
    for (let count = 0; count < 30; count++) {
      peer.send(Opcode.Ping, 'x'.repeat(100));
      await settle(1);
    }
    assert.ok(connection.bufferedAmount > 0);
    await clock.pass(5_000);
    assert.equal((await closing).code, 1006);
    assert.equal(clock.now(), 5_000);
  });

  test('a close() inside the handler of a slow peer sends all messages first', async () => {
    const { connection, peer } = rawPair({ handler: { message() {} }, options: quiet });
    await block({ connection, peer } as Pair, 200_000);
    connection.send('last');
    void connection.close(4_000);
    assert.equal(connection.send('too late'), false);
    peer.transport.resume();
    await settle(10);
    assert.deepEqual(peer.log.slice(1), ['1 last', 'close 4000']);
  });

  test("close() ends a pause: messages before the peer's Close go to the handler", async () => {
    const seen: unknown[] = [];
    const { connection, peer } = rawPair({
      handler: { message: (_connection, message) => void seen.push(message) },
    });
    connection.pause();
    peer.texts('1', '2');
    await settle();
    const closing = connection.close(4_000);
    peer.texts('3');
    peer.close(4_000);
    peer.transport.end();
    assert.equal((await closing).wasClean, true);
    assert.deepEqual(seen, ['1', '2', '3']);
  });

  test("close() is first when the peer's Close waits unread: its code is sent", async () => {
    for (const role of ['server', 'client'] as const) {
      const { connection, peer } = rawPair({ role, options: { receiveQueue: 0 } });
      peer.texts('1');
      peer.close(4_001, 'theirs');
      await settle();
      const closing = connection.close(4_002, 'ours');
      peer.transport.end();
      const { sentCode, receivedCode, initiator } = await closing;
      assert.deepEqual([sentCode, receivedCode, initiator], [4_002, 4_001, 'local']);
      assert.deepEqual(await connection.receive(), '1');
    }
  });

  test('messages that come after leaving an iteration are dropped and counted', async () => {
    const { connection, peer } = rawPair({ role: 'client' });
    peer.texts('first', 'second');
    for await (const message of connection) {
      assert.equal(message, 'first');
      break;
    }
    peer.texts('dré');
    peer.send(Opcode.Binary, new Uint8Array(100));
    peer.close(1000);
    peer.transport.end();
    assert.equal((await connection.closed).wasClean, true);
    assert.deepEqual(connection.dropped, { messages: 3, bytes: 6 + 4 + 100 });
    assert.equal(await connection.receive(), undefined);
  });

  test("close() lets the peer's Close be seen although nobody pulls", async () => {
    const { connection, peer } = rawPair({ role: 'client', options: { receiveQueue: 100 } });
    peer.texts('1'.repeat(100), '2', '3');
    await settle();
    const closing = connection.close();
    peer.texts('4');
    peer.close(1000);
    peer.transport.end();
    assert.equal((await closing).wasClean, true);
    const seen: unknown[] = [];
    for await (const message of connection) seen.push(message);
    assert.deepEqual(seen, ['1'.repeat(100), '2', '3', '4']);
    assert.deepEqual(connection.dropped, { messages: 0, bytes: 0 });
  });

  test("what comes before the peer's Close is kept for a slow iteration, up to 16 MiB", async () => {
    const { connection, peer } = rawPair({ role: 'client', options: { receiveQueue: 100 } });
    const closing = connection.close();
    const large = new Uint8Array(4 * 1024 * 1024 - 16);
    for (let count = 0; count < 6; count++) peer.send(Opcode.Binary, large);
    peer.texts('small');
    peer.close(1000);
    peer.transport.end();
    assert.equal((await closing).wasClean, true);
    const seen: number[] = [];
    for await (const message of connection) seen.push(message.length);
    assert.deepEqual(seen, [large.length, large.length, large.length, large.length]);
    assert.deepEqual(connection.dropped, { messages: 3, bytes: 2 * large.length + 5 });
  });

  test('close() does not wait for a decision on a message that is too large to hold', async () => {
    const { connection, peer } = rawPair({ role: 'client', options: { maxMessageSize: 1_000 } });
    peer.send(Opcode.Binary, new Uint8Array(200_000));
    await settle();
    const closing = connection.close();
    peer.texts('after');
    peer.close(1000);
    peer.transport.end();
    assert.equal((await closing).wasClean, true);
    let bytes = 0;
    for (;;) {
      const piece = await connection.receive({ pieces: true });
      if (piece === undefined) break;
      bytes += piece.bytes.length;
    }
    assert.equal(bytes, 200_000 + 'after'.length);
    assert.deepEqual(connection.dropped, { messages: 0, bytes: 0 });
  });

  test('a handler may await close() although its queue is full', async () => {
    const infos: CloseInfo[] = [];
    const { peer } = rawPair({
      handler: {
        message: async (connection, message) => {
          if (message === 'first') infos.push(await connection.close(1000));
        },
      },
      options: { receiveQueue: 1_000 },
    });
    peer.texts('first');
    for (let count = 0; count < 5; count++) peer.texts('x'.repeat(800));
    await peer.until(1);
    peer.close(1000);
    peer.transport.end();
    await settle(10);
    assert.deepEqual([infos[0]?.wasClean, infos[0]?.receivedCode], [true, 1000]);
  });
});

test("Behaviour 12: the peer's Close loses nothing that send accepted, however slowly it reads", async () => {
  const { connection, peer, clock } = rawPair({});
  peer.transport.pause();
  const messages = Array.from({ length: 20 }, (_, index) => new Uint8Array(40_000).fill(index));
  for (const message of messages) connection.send(message);
  await settle();
  peer.close();
  await settle();
  clock.advance(10_000);
  peer.transport.resume();
  await peer.until(messages.length + 1);
  assert.deepEqual(
    peer.frames.map(({ opcode }) => opcode),
    [...messages.map(() => Opcode.Binary), Opcode.Close],
  );
  peer.transport.end();
  const info = await connection.closed;
  assert.deepEqual([info.code, info.wasClean, info.bufferedAmount], [1000, true, 0]);
});
