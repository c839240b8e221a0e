import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, test, type TestContext } from 'node:test';

import type { Connection } from '../../../src/connection/connection.ts';
import type { Handler, Message } from '../../../src/connection/handler.ts';
import type { ConnectionOptions } from '../../../src/connection/options/options.ts';
import { broadcast } from '../../../src/connection/sending/broadcast.ts';
import { Outgoing } from '../../../src/connection/sending/outgoing.ts';
import { currentRound } from '../../../src/connection/sending/round.ts';
import { connectOver } from '../../../src/testing/connected-pair.ts';
import { DuplexTransport } from '../../../src/transport/duplex.ts';
import { turn, until } from '../../suites/pairs.ts';
import { tcpPair } from '../../support/socket-pair.ts';

interface Receiver {
  readonly server: Connection;
  readonly client: Connection;
  /** What came, and at last the code of the end. */
  readonly log: (Message | number)[];
}

/** So many connections over TCP whose clients note what comes. */
async function room(t: TestContext, count = 8, options: ConnectionOptions = {}, server?: Handler) {
  const receivers: Receiver[] = [];
  for (let index = 0; index < count; index++) {
    const sockets = await tcpPair();
    const log: (Message | number)[] = [];
    const client: Handler = {
      message: (_, message) => void log.push(message),
      close: (_, { code }) => void log.push(code),
    };
    const transports = [
      new DuplexTransport(sockets.server),
      new DuplexTransport(sockets.client),
    ] as const;
    const given = server === undefined ? { options, client } : { options, client, server };
    const pair = connectOver(transports, given);
    t.after(() => {
      pair.server.terminate();
      pair.client.terminate();
    });
    receivers.push({ ...pair, log });
  }
  const all = receivers.map((receiver) => receiver.server);
  const came = (length: number): Promise<void> =>
    until(() => receivers.every(({ log }) => log.length >= length));
  return { receivers, all, came };
}

/** Bytes that wait for each. */
const buffered = (all: readonly Connection[]): number[] =>
  all.map(({ bufferedAmount }) => bufferedAmount);

const alike = <Value>(value: Value, count = 8): Value[] => Array<Value>(count).fill(value);

describe('messages to the same receivers within one tick', () => {
  test('arrive in order, counted and told as if each had been asked', async (t) => {
    const { receivers, all, came } = await room(t);
    const messages = Array.from({ length: 40 }, (_, index) => `message ${index}`);
    let waiting = 0;
    for (const message of messages) {
      assert.deepEqual(broadcast(new Set(all), message), { queued: 8, dropped: 0 });
      waiting += 2 + message.length;
      assert.deepEqual(buffered(all), alike(waiting));
    }
    await came(40);
    for (const { log } of receivers) assert.deepEqual(log, messages);
    assert.equal(currentRound(), undefined);
  });

  test('from the third on nobody is asked, and each is counted for its server', async (t) => {
    const share = t.mock.method(Outgoing.prototype, 'share');
    const follow = t.mock.method(Outgoing.prototype, 'follow');
    const { all } = await room(t);
    for (let index = 0; index < 10; index++) broadcast(all, 'four');
    assert.deepEqual([share.mock.callCount(), follow.mock.callCount()], [8 * 2, 8]);
    for (const { result } of follow.mock.calls) {
      assert.deepEqual([result?.messagesSent, result?.bytesSent], [10, 10 * (2 + 4)]);
    }
  });

  test('RFC 6455 §7.1.3: whose Close came in between, unanswered, gets and counts nothing more', async (t) => {
    let paused = false;
    const message = (connection: Connection): void => {
      connection.pause();
      paused = true;
    };
    const { receivers, all } = await room(t, 8, { echoClose: false }, { message });
    const [first] = receivers;
    first?.client.send('pause');
    void first?.client.close();
    await until(() => paused);
    for (let index = 0; index < 3; index++) broadcast(all, `${index}`);
    assert.equal(first?.server.state, 'open');
    first.server.resume();
    assert.equal(first.server.state, 'close-received');
    assert.deepEqual(broadcast(all, '3'), { queued: 7, dropped: 0 });
    await until(() => receivers[7]?.log.length === 4);
    assert.deepEqual(first.log, ['0', '1', '2']);
  });

  test('what one of them sends in between keeps its place', async (t) => {
    const { receivers, all, came } = await room(t);
    for (let index = 0; index < 6; index++) broadcast(all, `${index}`);
    all[3]?.send('in between');
    for (let index = 6; index < 9; index++) broadcast(all, `${index}`);
    await came(9);
    await until(() => receivers[3]?.log.length === 10);
    const expected = Array.from({ length: 9 }, (_, index) => `${index}`);
    for (const [index, { log }] of receivers.entries()) {
      assert.deepEqual(log, index === 3 ? expected.toSpliced(6, 0, 'in between') : expected);
    }
  });

  test('a message in fragments that was begun in between comes before what follows', async (t) => {
    const { receivers, all, came } = await room(t);
    for (let index = 0; index < 3; index++) broadcast(all, `${index}`);
    const sent = all[0]?.sendFragments(
      (async function* pieces() {
        await turn();
        yield 'a';
        yield 'b';
      })(),
      'text',
    );
    for (let index = 3; index < 6; index++) broadcast(all, `${index}`);
    await sent;
    await came(6);
    await until(() => receivers[0]?.log.length === 7);
    assert.deepEqual(receivers[0]?.log, ['0', '1', '2', 'ab', '3', '4', '5']);
    assert.deepEqual(receivers[1]?.log, ['0', '1', '2', '3', '4', '5']);
  });

  test('who closes or is dropped in between gets and counts nothing more', async (t) => {
    const { receivers, all } = await room(t);
    for (let index = 0; index < 3; index++) broadcast(all, `${index}`);
    void all[1]?.close(4001);
    assert.deepEqual(broadcast(all, '3'), { queued: 7, dropped: 0 });
    assert.deepEqual(broadcast(all, '4'), { queued: 7, dropped: 0 });
    assert.deepEqual(broadcast(all, '5'), { queued: 7, dropped: 0 });
    all[2]?.terminate();
    assert.deepEqual(broadcast(all, '6'), { queued: 6, dropped: 0 });
    await until(() => receivers.every(({ log }, index) => log.length >= (index === 2 ? 1 : 4)));
    await until(() => receivers[7]?.log.length === 7);
    assert.deepEqual(receivers[1]?.log, ['0', '1', '2', 4001]);
    assert.deepEqual(receivers[2]?.log, [1006]);
    assert.deepEqual(receivers[0]?.log, ['0', '1', '2', '3', '4', '5', '6']);
  });

  test('a receiver left out, others, another order: each is asked anew', async (t) => {
    const { receivers, all, came } = await room(t, 9);
    const [first] = all;
    for (const index of [0, 0, 0, 1, 1, undefined]) {
      const [text, left] = index === undefined ? ['all', 9] : ['some', 8];
      const options = index === undefined ? {} : { except: all[index] };
      assert.equal(broadcast(all, text, options).queued, left);
    }
    assert.equal(broadcast(all.slice(1), 'slice').queued, 8);
    assert.equal(broadcast(all.toReversed(), 'reversed').queued, 9);
    assert.equal(broadcast(all, 'set', { except: new Set(first && [first]) }).queued, 8);
    await came(4);
    await until(() => receivers[8]?.log.length === 9);
    assert.deepEqual(receivers[0]?.log, ['some', 'some', 'all', 'reversed']);
  });

  test('a message of another kind or too large for the memory of the others goes its own way', async (t) => {
    const { receivers, all, came } = await room(t);
    const messages: Message[] = [];
    for (let index = 0; index < 30; index++) {
      messages.push(index % 7 === 0 ? new Uint8Array(index * 300).fill(index) : 'x'.repeat(index));
      broadcast(all, messages.at(-1) ?? '');
    }
    await came(30);
    for (const { log } of receivers) assert.deepEqual(log, messages);
  });

  test('RFC 6455 §5.4: where long messages are cut, each is', async (t) => {
    const { receivers, all, came } = await room(t, 8, { maxFragmentSize: 20 });
    for (let index = 0; index < 3; index++) broadcast(all, `${index}`);
    broadcast(all, 'x'.repeat(50));
    assert.deepEqual(buffered(all), alike(3 * 3 + 50 + 3 * 2));
    await came(4);
    assert.deepEqual(receivers[0]?.log, ['0', '1', '2', 'x'.repeat(50)]);
  });

  test('the marks of back-pressure hold: who would reach them is asked', async (t) => {
    const backpressure = { soft: 100, hard: 200, policy: 'drop-newest' } as const;
    const { all } = await room(t, 8, { backpressure });
    const results = Array.from({ length: 30 }, () => broadcast(all, 'x'.repeat(8)));
    const kept = results.filter(({ queued }) => queued === 8).length;
    assert.equal(kept, 20);
    assert.deepEqual(results.slice(kept), alike({ queued: 0, dropped: 8 }, 10));
    assert.deepEqual(buffered(all), alike(200));
    assert.deepEqual(
      all.map(({ dropped }) => dropped.messages),
      alike(10),
    );
  });

  test('who is slow is asked each time, the others go on', async (t) => {
    const backpressure = { soft: 1_000, hard: 2_000, policy: 'drop-newest' } as const;
    const { all } = await room(t, 9, { backpressure });
    all[4]?.send('x'.repeat(1_990));
    const results = Array.from({ length: 5 }, () => broadcast(all, 'x'.repeat(8)));
    assert.deepEqual(results, [{ queued: 9, dropped: 0 }, ...alike({ queued: 8, dropped: 1 }, 4)]);
  });

  test('whose bytes wait for the peer does not follow: what it holds is counted each time', async (t) => {
    const follow = t.mock.method(Outgoing.prototype, 'follow');
    const { all } = await room(t, 8, { backpressure: { soft: 2 ** 26, hard: 2 ** 27 } });
    all[4]?.send(new Uint8Array(2 ** 25));
    await turn();
    assert.ok((all[4]?.bufferedAmount ?? 0) > 0);
    for (let index = 0; index < 3; index++) broadcast(all, `${index}`);
    const followers = follow.mock.calls.map(({ result }) => result !== undefined);
    assert.deepEqual(followers, alike(true).with(4, false));
  });

  test('an application that sends when one is dropped loses nothing of that', async (t) => {
    const backpressure = { soft: 1_000, hard: 2_000, policy: 'drop-newest' } as const;
    const { receivers, all } = await room(t, 9, { backpressure });
    let nested = 0;
    const onLimit = (): void => {
      if (nested < 3) broadcast(all, `nested ${nested++}`);
    };
    subscribe('hawser:limit', onLimit);
    t.after(() => unsubscribe('hawser:limit', onLimit));
    all[4]?.send('x'.repeat(1_996));
    const results = Array.from({ length: 3 }, (_, index) => broadcast(all, `${index}`));
    assert.deepEqual([nested, results], [3, alike({ queued: 8, dropped: 1 }, 3)]);
    const expected = ['0', '1', '2', 'nested 0', 'nested 1', 'nested 2'];
    const others = receivers.filter(({ server }) => server !== all[4]);
    await until(() => others.every(({ log }) => log.length === 6));
    for (const { log } of others) {
      assert.deepEqual(new Set(log), new Set(expected));
    }
  });
});

test('masked connections stand beside others', async (t) => {
  const { receivers, all, came } = await room(t);
  const clients = receivers.map(({ client }) => client);
  const got: (Message | undefined)[] = [];
  for (let index = 0; index < 4; index++) {
    assert.equal(broadcast([...all, ...clients], `${index}`).queued, 16);
  }
  await came(4);
  for (let index = 0; index < 4; index++) got.push(await all[0]?.receive({ timeout: 10_000 }));
  assert.deepEqual(got, ['0', '1', '2', '3']);
});
