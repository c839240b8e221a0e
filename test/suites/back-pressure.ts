import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Handler, Message } from '../../src/connection/handler.ts';
import type { Role } from '../../src/protocol/role.ts';
import { type MakePair, otherRole, pull, roles, sendAll, turn, until } from './pairs.ts';

const KIB = 1_024;
const MIB = 1_024 * KIB;
/** More than every buffer of a socket on the loopback holds. */
const tooMuch = 64 * MIB;
const size = 32 * KIB;

/** A fast sender never runs away from a slow reader, and nothing is lost on the way. */
export function backPressureSuite(name: string, makePair: MakePair): void {
  for (const role of roles) {
    describe(`back-pressure over ${name}, on the ${role}`, () => {
      senderTests(makePair, role);
      readerTests(makePair, role);
    });
  }
}

function senderTests(makePair: MakePair, role: Role): void {
  const other = otherRole(role);

  test('send answers false when the peer does not read, and drained() waits until it does', async (t) => {
    const drains: number[] = [];
    const handler: Handler = { drain: (connection) => void drains.push(connection.bufferedAmount) };
    const pair = await makePair(t, { [role]: handler });
    const near = pair[role];
    pair[other].pause();
    let sent = 0;
    const give = (): boolean => near.send(new Uint8Array(size).fill(sent++));
    for (let free = true; free; await turn()) {
      while (give());
      // A socket may have taken all of it by now: only when nothing moves any more is it full.
      free = await movesOn(() => near.bufferedAmount);
      assert.ok(sent * size < tooMuch, 'the sender was never told to stop');
    }
    assert.ok(near.bufferedAmount >= 64 * KIB);
    let drained = false;
    const waiting = near.drained().then(() => (drained = true));
    await turn();
    assert.equal(drained, false);
    const before = drains.length;
    pair[other].resume();
    const received = await pull(pair[other], sent);
    await waiting;
    assert.ok(drains.length > before && drains.every((amount) => amount < 64 * KIB));
    assert.deepEqual(
      received.map((message) => message[0]),
      Array.from({ length: sent }, (_, index) => index % 256),
    );
    await until(() => near.bufferedAmount === 0);
    assert.equal(near.send('go on'), true);
  });

  test('a sender that heeds send has a bounded amount waiting', async (t) => {
    const pair = await makePair(t);
    const near = pair[role];
    let most = 0;
    const messages = function* (): Generator<Message> {
      for (let index = 0; index < 400; index++) {
        yield new Uint8Array(size);
        most = Math.max(most, near.bufferedAmount);
      }
    };
    await Promise.all([sendAll(near, messages()), pull(pair[other], 400)]);
    assert.ok(most < 64 * KIB + size + KIB, `${most} bytes were waiting`);
  });

  test('at the hard mark the connection is closed with 1013', async (t) => {
    const options = { backpressure: { soft: 16 * KIB, hard: 128 * KIB } };
    const pair = await makePair(t, { options });
    const near = pair[role];
    pair[other].pause();
    for (let sent = 0; near.state === 'open' && sent < tooMuch; sent += size) {
      near.send(new Uint8Array(size));
      if (near.bufferedAmount < 64 * KIB) await turn();
    }
    assert.notEqual(near.state, 'open');
    assert.equal(near.send('dropped'), false);
    pair[other].resume();
    for (;;) {
      const message = await pair[other].receive().catch(() => undefined);
      if (message === undefined) break;
    }
    const info = await near.closed;
    assert.deepEqual([info.code, info.wasClean, info.initiator], [1013, false, 'local']);
    assert.ok(near.dropped.messages >= 1);
  });

  test('drained() rejects when the connection ends while it waits', async (t) => {
    const pair = await makePair(t, { options: { backpressure: { soft: 1, hard: 16 * MIB } } });
    const near = pair[role];
    pair[other].pause();
    near.send(new Uint8Array(12 * MIB));
    const waiting = assert.rejects(near.drained(), { code: 'ERR_NOT_OPEN' });
    await turn();
    near.terminate();
    await waiting;
    assert.ok((await near.closed).bufferedAmount > 0);
  });
}

function readerTests(makePair: MakePair, role: Role): void {
  const other = otherRole(role);

  test('pausing and resuming at any time loses nothing', async (t) => {
    const received: Message[] = [];
    const handler: Handler = {
      message(connection, message) {
        received.push(message);
        if (received.length % 7 !== 0) return;
        connection.pause();
        if (received.length % 2 === 0) connection.resume();
        else setImmediate(() => connection.resume());
      },
    };
    const pair = await makePair(t, { [role]: handler });
    const messages = Array.from({ length: 1_000 }, (_, index) => `${index} `.repeat(index % 100));
    await sendAll(pair[other], messages);
    await until(() => received.length === messages.length);
    assert.deepEqual(received, messages);
  });

  test('a reader that pulls slowly holds the sender back', async (t) => {
    const pair = await makePair(t);
    const count = tooMuch / size;
    let sent = 0;
    const messages = function* (): Generator<Message> {
      for (; sent < count; sent++) yield new Uint8Array(size).fill(sent);
    };
    const sending = sendAll(pair[other], messages());
    while (await movesOn(() => sent));
    assert.ok(sent < count, 'everything was sent to a reader that pulls nothing');
    for (let index = 0; index < count; index++) {
      const message = await pair[role].receive();
      assert.deepEqual([message?.length, message?.[0]], [size, index % 256]);
    }
    await sending;
  });

  test('behaviour 2: a slow handler gets one message at a time and holds the sender back', async (t) => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    let running = 0;
    let handled = 0;
    const handler: Handler = {
      async message(_connection, message) {
        assert.equal(++running, 1);
        await gate;
        assert.equal(message[0], handled++ % 256);
        running--;
      },
    };
    const pair = await makePair(t, { [role]: handler });
    const count = tooMuch / size;
    let sent = 0;
    const messages = function* (): Generator<Message> {
      for (; sent < count; sent++) yield new Uint8Array(size).fill(sent);
    };
    const sending = sendAll(pair[other], messages());
    while (await movesOn(() => sent));
    assert.ok(sent < count, 'everything was sent to a handler that is not done');
    assert.equal(running, 1);
    open();
    await sending;
    await until(() => handled === count);
    assert.equal(pair[role].state, 'open');
  });

  test('behaviour 2: pings are answered while a handler is busy', async (t) => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const handled: Message[] = [];
    const handler: Handler = {
      async message(_connection, message) {
        await gate;
        handled.push(message);
      },
    };
    const pair = await makePair(t, { [role]: handler });
    for (const message of ['a', 'b', 'c']) pair[other].send(message);
    assert.ok((await pair[other].ping()) >= 0);
    assert.deepEqual(handled, []);
    open();
    await until(() => handled.length === 3);
    assert.deepEqual(handled, ['a', 'b', 'c']);
  });
}

/** Whether a figure changes within a good number of turns of the loop. */
async function movesOn(figure: () => number): Promise<boolean> {
  const before = figure();
  for (let turns = 0; turns < 200; turns++) {
    await turn();
    if (figure() !== before) return true;
  }
  return false;
}
