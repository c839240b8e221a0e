import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Connection } from '../../src/connection/connection.ts';
import type { Handler, Message } from '../../src/connection/handler.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import { deferred, rawPair, settle } from '../connection/raw-peer.ts';

/** A handler whose `message` calls end when the test says so. */
function gated() {
  const events: string[] = [];
  const gates: ReturnType<typeof deferred<void>>[] = [];
  const handler: Handler = {
    async message(_connection: Connection, message: Message) {
      events.push(`begin ${String(message).slice(0, 5)}`);
      const gate = deferred();
      gates.push(gate);
      await gate.promise;
      events.push(`end ${String(message).slice(0, 5)}`);
    },
    ping: (_connection, bytes) => void events.push(`ping ${Buffer.from(bytes).toString()}`),
    close: (_connection, info) => void events.push(`close ${info.code}`),
  };
  const open = async (): Promise<void> => {
    gates.shift()?.resolve();
    await settle();
  };
  return { events, handler, open };
}

describe('Behaviour 2: handlers run in order', () => {
  test('a later message waits while a promise is pending, pings are answered meanwhile', async () => {
    const { events, handler, open } = gated();
    const { peer } = rawPair({ handler });
    peer.texts('1', '2');
    peer.send(Opcode.Ping, 'p');
    peer.texts('3');
    await settle();
    assert.deepEqual(events, ['begin 1', 'ping p']);
    assert.deepEqual(peer.log, ['a p']);
    await open();
    await open();
    await open();
    assert.deepEqual(events.slice(2), ['end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
  });

  test('a Close is seen and answered while a handler is pending; close comes last', async () => {
    const { events, handler, open } = gated();
    const { connection, peer } = rawPair({ handler });
    peer.texts('1', '2');
    peer.close(4_000, 'bye');
    await settle();
    assert.deepEqual(peer.log, ['close 4000 bye']);
    assert.equal(connection.state, 'closed');
    peer.transport.end();
    assert.equal((await connection.closed).code, 4_000);
    await open();
    assert.deepEqual(events, ['begin 1', 'end 1', 'begin 2']);
    await open();
    assert.deepEqual(events.slice(3), ['end 2', 'close 4000']);
  });

  test('sync and async calls alternate without overtaking', async () => {
    const events: string[] = [];
    const { peer } = rawPair({
      handler: {
        message(_connection, message) {
          events.push(`begin ${String(message)}`);
          if (Number(message) % 2 === 0) return undefined;
          return settle().then(() => void events.push(`end ${String(message)}`));
        },
      },
    });
    peer.texts('0', '1', '2', '3', '4', '5', '6');
    await settle(20);
    const order = ['begin 0', 'begin 1', 'end 1', 'begin 2', 'begin 3', 'end 3', 'begin 4'];
    assert.deepEqual(events, [...order, 'begin 5', 'end 5', 'begin 6']);
  });

  test('what arrives in the tick in which a promise settles does not overtake', async () => {
    const events: string[] = [];
    const { peer } = rawPair({
      handler: {
        async message(_connection, message) {
          events.push(String(message));
          for (let count = 0; count < Number(message) % 5; count++) await Promise.resolve();
        },
      },
    });
    const numbers = Array.from({ length: 200 }, (_, index) => String(index));
    for (const number of numbers) {
      peer.texts(number);
      if (Number(number) % 3 === 0) await Promise.resolve();
    }
    await settle(20);
    assert.deepEqual(events, numbers);
  });

  test('anything but a thenable is ignored', async () => {
    const results = [
      1,
      'text',
      null,
      {},
      () => {},
      { ['then' as string]: 'no function' },
      Symbol('s'),
      [],
      0n,
    ];
    const seen: Message[] = [];
    const { connection, peer } = rawPair({
      handler: {
        message(_connection, message) {
          seen.push(message);
          return results[Number(message)];
        },
      },
    });
    peer.texts(...results.map((_, index) => String(index)));
    await settle();
    assert.equal(seen.length, results.length);
    assert.equal(connection.state, 'open');
  });
});

describe('Behaviour 2: open comes first', () => {
  test('messages wait for it, and nothing of them is lost', async () => {
    const events: string[] = [];
    const gate = deferred();
    const { peer } = rawPair({
      handler: {
        async open() {
          events.push('open');
          await gate.promise;
          events.push('opened');
        },
        message: (_connection, message) => void events.push(String(message)),
      },
    });
    peer.texts('1', '2');
    await settle();
    peer.texts('3');
    await settle();
    assert.deepEqual(events, ['open']);
    gate.resolve();
    await settle();
    assert.deepEqual(events, ['open', 'opened', '1', '2', '3']);
  });

  test('bytes that came with the handshake are the first to be received', async () => {
    const events: string[] = [];
    const first = rawPair().peer.frame(Opcode.Text, 'head');
    const { peer } = rawPair({
      head: first,
      handler: {
        open: () => void events.push('open'),
        message: (_connection, message) => void events.push(String(message)),
      },
    });
    peer.texts('next');
    await settle();
    assert.deepEqual(events, ['open', 'head', 'next']);
  });

  test('a connection that ends before open has finished hands over first, then closes once', async () => {
    const events: string[] = [];
    const gate = deferred();
    const { connection, peer } = rawPair({
      handler: {
        open: () => gate.promise,
        message: (_connection, message) => void events.push(String(message)),
        close: (_connection, info) => void events.push(`close ${info.code}`),
      },
    });
    peer.texts('1');
    peer.close(1001);
    await settle();
    peer.transport.end();
    assert.equal((await connection.closed).code, 1001);
    assert.deepEqual(events, []);
    gate.resolve();
    await settle();
    assert.deepEqual(events, ['1', 'close 1001']);
  });

  test('messages may be pulled while it runs', async () => {
    const seen: unknown[] = [];
    const { peer, connection } = rawPair({
      handler: {
        async open(opened) {
          for await (const message of opened) seen.push(message);
        },
        close: (_connection, info) => void seen.push(info.code),
      },
    });
    peer.texts('1', '2');
    peer.close(1000);
    await settle();
    peer.transport.end();
    await connection.closed;
    await settle();
    assert.deepEqual(seen, ['1', '2', 1000]);
  });

  test('without message and without a pull before its first await messages are discarded', async () => {
    let pulled: unknown = 'nothing';
    const { connection, peer } = rawPair({
      handler: {
        async open(opened) {
          await settle();
          pulled = await opened.receive();
        },
      },
    });
    peer.texts('discarded');
    peer.send(Opcode.Ping, 'still answered');
    await settle(5);
    peer.texts('pulled');
    await settle();
    assert.equal(pulled, 'pulled');
    assert.deepEqual(peer.log, ['a still answered']);
    assert.deepEqual(connection.dropped, { messages: 0, bytes: 0 });
  });
});

describe('Behaviour 2: the receive queue', () => {
  test('is bounded: a full one suspends, one more chunk pauses the socket, and nothing is lost', async () => {
    const { events, handler, open } = gated();
    const { peer, near } = rawPair({ handler, options: { receiveQueue: 1_000 } });
    let paused = 0;
    const pause = near.pause.bind(near);
    near.pause = () => (paused++, pause());
    const texts = Array.from({ length: 20 }, (_, index) => `${index}:${'x'.repeat(200)}`);
    peer.texts(...texts.slice(0, 10));
    await settle();
    assert.equal(paused, 0);
    peer.texts(...texts.slice(10));
    await settle();
    assert.equal(paused, 1);
    // Behind a full queue even a Ping waits.
    peer.send(Opcode.Ping, 'late');
    await settle();
    assert.deepEqual(peer.log, []);
    for (const _ of texts) await open();
    assert.equal(events.filter((event) => event.startsWith('begin')).length, 20);
    assert.deepEqual(
      events
        .filter((event) => event.startsWith('end'))
        .map((event) => Number.parseInt(event.slice(4), 10)),
      texts.map((_, index) => index),
    );
    assert.deepEqual(peer.log, ['a late']);
  });

  test('takes at least one message, however large', async () => {
    const { events, handler, open } = gated();
    const { peer } = rawPair({ handler, options: { receiveQueue: 0 } });
    peer.texts('first');
    peer.texts('2'.repeat(100_000));
    peer.texts('third');
    await settle();
    for (let count = 0; count < 3; count++) await open();
    assert.deepEqual(
      events.filter((event) => event.startsWith('end')),
      ['end first', 'end 22222', 'end third'],
    );
  });
});

describe('Behaviour 2: concurrency', () => {
  test('so many calls may be pending at once, begun in order', async () => {
    const { events, handler, open } = gated();
    const { peer } = rawPair({ handler, options: { concurrency: 2 } });
    peer.texts('1', '2', '3');
    await settle();
    assert.deepEqual(events, ['begin 1', 'begin 2']);
    await open();
    assert.deepEqual(events.slice(2), ['end 1', 'begin 3']);
  });

  test('close waits for every one of them', async () => {
    const { events, handler, open } = gated();
    const { peer } = rawPair({ handler, options: { concurrency: Infinity } });
    peer.texts('1', '2', '3');
    peer.close();
    await settle();
    peer.transport.end();
    await settle();
    await open();
    await open();
    assert.deepEqual(events.slice(3), ['end 1', 'end 2']);
    await open();
    assert.deepEqual(events.slice(5), ['end 3', 'close 1000']);
  });
});

describe('Behaviour 2: pause() and resume()', () => {
  test('inside a handler: the next message waits, also one of the same chunk', async () => {
    const seen: string[] = [];
    const { connection, peer } = rawPair({
      handler: {
        message(paused, message) {
          seen.push(String(message));
          paused.pause();
        },
      },
    });
    peer.texts('1', '2', '3');
    await settle();
    assert.deepEqual(seen, ['1']);
    connection.resume();
    await settle();
    assert.deepEqual(seen, ['1', '2']);
    connection.resume();
    connection.resume();
    await settle();
    assert.deepEqual(seen, ['1', '2', '3']);
  });

  test('inside a handler, one after the other: nothing happens', async () => {
    const seen: string[] = [];
    const { peer } = rawPair({
      handler: {
        message(connection, message) {
          connection.pause();
          connection.resume();
          seen.push(String(message));
        },
      },
    });
    peer.texts('1', '2', '3');
    await settle();
    assert.deepEqual(seen, ['1', '2', '3']);
  });

  test('messages that wait already wait on', async () => {
    const { events, handler, open } = gated();
    const { connection, peer } = rawPair({ handler });
    peer.texts('1', '2');
    await settle();
    connection.pause();
    await open();
    assert.deepEqual(events, ['begin 1', 'end 1']);
    connection.resume();
    assert.deepEqual(events, ['begin 1', 'end 1', 'begin 2']);
  });

  test('the end of a connection ends a pause: waiting messages are handled, then close', async () => {
    const { events, handler, open } = gated();
    const { connection, peer } = rawPair({ handler });
    peer.texts('1', '2');
    await settle();
    connection.pause();
    await open();
    connection.terminate();
    await settle();
    await open();
    assert.deepEqual(events, ['begin 1', 'end 1', 'begin 2', 'end 2', 'close 1006']);
  });
});

const steps = ['open', 'message', 'ping', 'pong', 'close'] as const;
const acts: Record<string, (connection: Connection) => unknown> = {
  send: (connection) => connection.send('re-entrant'),
  close: (connection) => void connection.close(4_001),
  terminate: (connection) => connection.terminate(),
  pause: (connection) => connection.pause(),
  resume: (connection) => connection.resume(),
  ping: (connection) => void connection.ping('p'),
  receive: (connection) => {
    assert.throws(() => void connection.receive(), TypeError);
  },
  sendFragments: (connection) => void connection.sendFragments(['a', 'b'], 'text'),
  signal: (connection) => connection.signal,
};

for (const step of steps) {
  for (const [name, act] of Object.entries(acts)) {
    test(`Behaviour 2: ${name} inside ${step} is safe and close follows once`, async () => {
      const events: string[] = [];
      const errors: unknown[] = [];
      const { connection, peer, clock } = rawPair({
        handler: {
          message() {},
          error: (_connection, error) => void errors.push(error),
          close: () => void events.push('close'),
          [step]: (at: Connection) => {
            events.push(step);
            act(at);
          },
        },
      });
      peer.send(Opcode.Ping, 'x');
      peer.send(Opcode.Pong, 'x');
      peer.texts('1', '2');
      await settle();
      connection.resume();
      peer.close(1000);
      await settle();
      connection.resume();
      await settle();
      connection.resume();
      peer.transport.end();
      await clock.pass(2_000);
      const info = await connection.closed;
      await settle();
      assert.deepEqual(errors, []);
      assert.equal(events.filter((event) => event === 'close').length, 1, events.join());
      assert.equal(events.at(-1), 'close');
      assert.equal(
        info.initiator,
        name === 'terminate' && step !== 'close' ? 'local' : info.initiator,
      );
      if (name === 'close' && step !== 'close') assert.equal(info.sentCode, 4_001);
    });
  }
}
