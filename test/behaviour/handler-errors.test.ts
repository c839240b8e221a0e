import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import type { CloseInfo } from '../../src/connection/closing/close-info.ts';
import type { Connection } from '../../src/connection/connection.ts';
import type { Handler } from '../../src/connection/handler.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import { rawPair, settle } from '../connection/raw-peer.ts';

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
process.on('unhandledRejection', note).on('uncaughtException', note);
after(() => {
  process.off('unhandledRejection', note).off('uncaughtException', note);
  assert.deepEqual(unhandled, []);
});

type Step = 'open' | 'message' | 'fragment' | 'ping' | 'pong' | 'drain' | 'close';

/** What makes a connection call each of its handlers. */
const provoke: Record<Step, (pair: ReturnType<typeof rawPair>) => Promise<void> | void> = {
  open: () => {},
  message: ({ peer }) => peer.send(Opcode.Text, 'x'),
  fragment: ({ peer }) => peer.send(Opcode.Text, 'x'),
  ping: ({ peer }) => peer.send(Opcode.Ping, 'x'),
  pong: ({ peer }) => peer.send(Opcode.Pong, 'x'),
  drain: ({ connection }) => void connection.send(new Uint8Array(60_000).fill(1)),
  close: ({ peer }) => peer.close(),
};

const steps = Object.keys(provoke) as Step[];
const options = { backpressure: { soft: 50_000 } };

function failing(step: Step, fail: () => unknown, events: unknown[]): Handler {
  return {
    error: (_connection: Connection | undefined, error: unknown) => void events.push(error),
    close: (_connection: Connection, info: CloseInfo) => void events.push(['close', info.code]),
    [step]: fail,
  };
}

for (const step of steps.filter((name) => name !== 'close')) {
  for (const how of ['throws', 'rejects', 'gives a thenable that throws'] as const) {
    test(`Behaviour 1: ${step} ${how}: 1011, the error handler, one close`, async () => {
      const thrown = new Error(step);
      const events: unknown[] = [];
      const fail = (): unknown => {
        if (how === 'throws') throw thrown;
        if (how === 'rejects') return Promise.reject(thrown);
        return {
          ['then' as string]() {
            throw thrown;
          },
        };
      };
      const pair = rawPair({ handler: failing(step, fail, events), options });
      await provoke[step](pair);
      await settle();
      pair.peer.transport.end();
      const info = await pair.connection.closed;
      await settle();
      assert.deepEqual(pair.peer.log.at(-1), 'close 1011');
      assert.deepEqual(info, {
        code: 1011,
        reason: '',
        wasClean: false,
        initiator: 'local',
        sentCode: 1011,
        phase: 'open',
        error: thrown,
        bufferedAmount: 0,
        retryable: true,
      });
      assert.deepEqual(events, [thrown, ['close', 1011]]);
    });
  }
}

for (const how of ['throws', 'rejects'] as const) {
  test(`Behaviour 1: close ${how}: reported, and the info stays what it was`, async () => {
    const thrown = new Error('close');
    const events: unknown[] = [];
    const fail = (): unknown => {
      if (how === 'throws') throw thrown;
      return Promise.reject(thrown);
    };
    const { connection, peer } = rawPair({ handler: failing('close', fail, events) });
    peer.close(4000);
    await settle();
    peer.transport.end();
    const info = await connection.closed;
    await settle();
    assert.deepEqual([info.code, info.wasClean, events], [4000, true, [thrown]]);
  });
}

describe('Behaviour 1: the error handler', () => {
  for (const how of ['throws', 'rejects'] as const) {
    test(`that ${how} itself ends up on stderr and harms nobody`, async (t) => {
      const lines: string[] = [];
      t.mock.method(process.stderr, 'write', (line: string) => lines.push(line) > 0);
      const handler: Handler = {
        message: () => Promise.reject(new Error('first')),
        error: () => {
          if (how === 'throws') throw new Error('second');
          return Promise.reject(new Error('second'));
        },
      };
      const { connection, peer } = rawPair({ handler });
      peer.texts('x');
      await settle();
      peer.transport.end();
      assert.equal((await connection.closed).code, 1011);
      t.mock.restoreAll();
      assert.match(lines.join(''), /second/);
    });
  }

  test('is one line on stderr when there is none', async (t) => {
    const lines: string[] = [];
    t.mock.method(process.stderr, 'write', (line: string) => lines.push(line) > 0);
    const { connection, peer } = rawPair({
      handler: {
        message() {
          throw new Error('nobody listens');
        },
      },
    });
    peer.texts('x');
    await settle();
    peer.transport.end();
    await connection.closed;
    t.mock.restoreAll();
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /^hawser: a handler failed: Error: nobody listens.*\n$/);
  });

  test('may close with a code of its own instead of 1011', async () => {
    const { connection, peer } = rawPair({
      handler: {
        message() {
          throw new Error('x');
        },
        error: (failed) => void failed?.close(4_400, 'bad input'),
      },
    });
    peer.texts('x', 'y');
    await settle();
    peer.transport.end();
    assert.deepEqual(peer.log, ['close 4400 bad input']);
    assert.equal((await connection.closed).sentCode, 4_400);
  });

  for (const act of ['send', 'close', 'terminate', 'pause', 'resume'] as const) {
    test(`may call ${act}()`, async () => {
      let closes = 0;
      const { connection, peer, clock } = rawPair({
        handler: {
          message: () => Promise.reject(new Error('x')),
          error: (failed) => void (act === 'send' ? failed?.send('sorry') : failed?.[act]()),
          close: () => void closes++,
        },
      });
      peer.texts('x', 'y');
      await settle();
      peer.transport.end();
      await clock.pass(2_000);
      const info = await connection.closed;
      assert.equal(info.initiator, 'local');
      assert.equal(closes, 1);
    });
  }
});

test('Behaviour 1: nothing waits for a message any more once a handler failed', async () => {
  const calls: string[] = [];
  const { connection, peer } = rawPair({
    options: { receiveQueue: 10 },
    handler: {
      async message(_connection, message) {
        calls.push(String(message).slice(0, 1));
        await settle();
        throw new Error('x');
      },
      error() {},
    },
  });
  peer.texts('1', '2'.repeat(20), '3', '4');
  peer.close(1000);
  await settle(9);
  peer.transport.end();
  // The peer's Close waits behind the full queue: it must not make a failure look clean.
  assert.equal((await connection.closed).code, 1011);
  assert.deepEqual(calls, ['1']);
});

test('Behaviour 1: forgotten promises of ping, drained and receive are silent', async () => {
  const { connection, peer } = rawPair({ role: 'client' });
  peer.transport.pause();
  connection.send(new Uint8Array(1_000_000));
  void connection.ping();
  void connection.drained();
  void connection.receive();
  void connection.receive({ timeout: 50_000 });
  void connection.sendFragments(['a', 'b'], 'text');
  connection.terminate();
  await connection.closed;
  void connection.ping();
  void connection.drained();
  void connection.receive();
  await settle();
  assert.deepEqual(unhandled, []);
});

test('Behaviour 1: an awaited one rejects, in each case by ERR_NOT_OPEN', async () => {
  const { connection, peer } = rawPair({ role: 'client' });
  await settle();
  peer.transport.pause();
  connection.send(new Uint8Array(1_000_000));
  const promises = [
    connection.ping(),
    connection.drained(),
    connection.receive(),
    connection.sendFragments(['a', 'b'], 'text'),
  ];
  await settle();
  connection.terminate();
  for (const promise of promises) await assert.rejects(promise, { code: 'ERR_NOT_OPEN' });
  await assert.rejects(connection.ping(), { code: 'ERR_NOT_OPEN' });
  await assert.rejects(connection.drained(), { code: 'ERR_NOT_OPEN' });
  await assert.rejects(connection.receive(), { name: 'ConnectionClosedError' });
  await assert.rejects(connection.sendFragments(['a'], 'text'), { code: 'ERR_NOT_OPEN' });
});

test('Behaviour 1: what has no text may be thrown as well', async (t) => {
  const lines: string[] = [];
  t.mock.method(process.stderr, 'write', (line: string) => lines.push(line) > 0);
  const { connection, peer } = rawPair({
    handler: {
      message() {
        throw Object.create(null);
      },
    },
  });
  peer.texts('x');
  await settle();
  assert.deepEqual(peer.log, ['close 1011']);
  assert.match(lines.join(''), /^hawser: a handler failed: a value of type object .*\n$/);
  connection.terminate();
});

test('Behaviour 1: a peer that leaves while a handler waits to send is no error of the handler', async () => {
  const events: unknown[] = [];
  const pair = rawPair({
    handler: {
      async message(connection) {
        if (!connection.send(new Uint8Array(100_000))) await connection.drained();
      },
      error: (_, error) => void events.push(error),
      close: (_, { code, wasClean }) => void events.push([code, wasClean]),
    },
    options,
  });
  pair.peer.transport.pause();
  pair.peer.send(Opcode.Text, 'x');
  await settle();
  pair.peer.close();
  await settle();
  pair.peer.transport.resume();
  pair.peer.transport.end();
  await pair.connection.closed;
  await settle();
  assert.deepEqual(events, [[1000, true]]);
});

test('Behaviour 1: a handler that waits on another connection that closed has failed', async () => {
  const events: unknown[] = [];
  const upstream = rawPair({});
  upstream.connection.terminate();
  const pair = rawPair({
    handler: {
      message: () => upstream.connection.drained(),
      error: (_, error) => void events.push((error as { code: string }).code),
    },
  });
  pair.peer.send(Opcode.Text, 'x');
  await settle();
  pair.peer.transport.end();
  assert.equal((await pair.connection.closed).code, 1011);
  assert.deepEqual(events, ['ERR_NOT_OPEN']);
});
