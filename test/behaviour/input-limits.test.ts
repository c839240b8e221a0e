import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { CloseInfo } from '../../src/connection/closing/close-info.ts';
import type { Message } from '../../src/connection/handler.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { optionsOf, rawPair, settle } from '../connection/raw-peer.ts';

const MIB = 1024 * 1024;
const texts = (count: number): string[] => Array.from({ length: count }, (_, at) => `m${at}`);

/** Keeps messages and the end. */
function keeper() {
  const messages: Message[] = [];
  const ends: CloseInfo[] = [];
  const handler = {
    message: (_connection: unknown, data: Message) => void messages.push(data),
    close: (_connection: unknown, info: CloseInfo) => void ends.push(info),
  };
  return { messages, ends, handler };
}

describe('rateLimit', () => {
  test("messages: one second's worth at once, then at the rate, none lost", async () => {
    for (const role of ['server', 'client'] as const) {
      const { messages, handler } = keeper();
      const options = { rateLimit: { messages: 10 } };
      const { peer, clock } = rawPair({ role, handler, options });
      peer.texts(...texts(35));
      await settle();
      assert.deepEqual(messages, texts(10));
      await clock.pass(1_000);
      assert.deepEqual(messages, texts(20));
      await clock.pass(1_500);
      assert.deepEqual(messages, texts(35));
    }
  });

  test('bytes: what was read too much is waited for', async () => {
    const { messages, handler } = keeper();
    const { peer, clock } = rawPair({ handler, options: { rateLimit: { bytes: 1_000 } } });
    peer.send(Opcode.Text, 'x'.repeat(3_992));
    peer.send(Opcode.Text, 'next');
    await settle();
    const first = messages.length;
    assert.ok(first >= 1);
    peer.send(Opcode.Text, 'last');
    await clock.pass(2_900);
    assert.equal(messages.length, first);
    await clock.pass(200);
    assert.equal(messages.at(-1), 'last');
  });

  test('Behaviour 8: the heartbeat stands still while reading pauses', async () => {
    const { ends, messages, handler } = keeper();
    const options = { rateLimit: { messages: 1 }, heartbeat: { interval: 100, timeout: 100 } };
    const { peer, clock } = rawPair({ handler, options });
    peer.texts(...texts(20));
    await clock.pass(18_500);
    assert.equal(messages.length, 19);
    assert.deepEqual([ends, peer.payloads(Opcode.Ping)], [[], []]);
  });

  test('when the transport is gone what was read is handed over at once', async () => {
    const { messages, ends, handler } = keeper();
    const { peer } = rawPair({ handler, options: { rateLimit: { messages: 1 } } });
    peer.texts(...texts(5));
    await settle();
    assert.equal(messages.length, 1);
    peer.transport.destroy();
    await settle();
    assert.deepEqual(messages, texts(5));
    assert.deepEqual(
      ends.map(({ code }) => code),
      [1006],
    );
  });

  test('FC-07: a flood of pings leaves no connection behind when the transport is gone', async () => {
    const { ends, handler } = keeper();
    const { peer, connection } = rawPair({ handler });
    for (let count = 0; count < 1_000; count++) peer.send(Opcode.Ping, 'x');
    await settle();
    peer.transport.destroy();
    await settle();
    assert.equal(ends.length, 1);
    assert.equal(connection.state, 'closed');
  });

  test('what came before the end is handed over all the same', async () => {
    const { messages, ends, handler } = keeper();
    const { peer, clock } = rawPair({ handler, options: { rateLimit: { messages: 1 } } });
    peer.texts(...texts(5));
    peer.close(1000);
    await clock.pass(10_000);
    assert.deepEqual(messages, texts(5));
    assert.deepEqual([ends.length, ends[0]?.code, ends[0]?.wasClean], [1, 1000, true]);
    assert.equal(clock.pending, 0);
  });
});

describe('controlFrames', () => {
  test('FC-07: a flood of Pings is slowed, then failed with 1008, in both roles', async () => {
    for (const role of ['server', 'client'] as const) {
      const { ends, handler } = keeper();
      const { peer, clock } = rawPair({ role, handler });
      const ping = peer.frame(Opcode.Ping, 'x'.repeat(125));
      for (let count = 0; count < 20_000; count++) peer.transport.write(Uint8Array.from(ping));
      await settle();
      assert.equal(peer.payloads(Opcode.Pong).length, 200);
      await clock.pass(5_000);
      const pongs = peer.payloads(Opcode.Pong).length;
      assert.ok(pongs > 440 && pongs <= 450, `${pongs}`);
      await clock.pass(6_100);
      assert.deepEqual([ends[0]?.code, ends[0]?.reason], [1008, 'too many control frames']);
      assert.equal(clock.pending, 0);
    }
  });

  test('FC-05, MS-15: a flood from a peer that does not read leaves one Pong and little memory', async () => {
    const { handler } = keeper();
    const { connection, peer } = rawPair({ handler, highWaterMark: 1 });
    peer.transport.pause();
    connection.send('fills the way');
    await settle();
    const before = connection.bufferedAmount;
    const ping = peer.frame(Opcode.Ping, 'x'.repeat(125));
    for (let count = 0; count < 20_000; count++) peer.transport.write(Uint8Array.from(ping));
    await settle();
    assert.equal(connection.bufferedAmount, before);
  });

  test('Pongs that were asked for do not count', async () => {
    const { ends, handler } = keeper();
    const { connection, peer, clock } = rawPair({ handler });
    for (let count = 0; count < 1_000; count++) {
      const roundTrip = connection.ping(`${count}`);
      await peer.until(count + 1);
      peer.send(Opcode.Pong, `${count}`);
      assert.equal(typeof (await roundTrip), 'number');
    }
    assert.deepEqual([ends, clock.pending > 0], [[], true]);
  });

  test('false turns it off', async () => {
    const { handler } = keeper();
    const { peer } = rawPair({ handler, options: { controlFrames: false } });
    for (let count = 0; count < 1_000; count++) peer.send(Opcode.Ping, '');
    await settle(5);
    assert.equal(peer.payloads(Opcode.Pong).length, 1_000);
  });
});

describe('memoryBudget', () => {
  /** Connections that share a budget, and how each ended. */
  function crowd(count: number, memoryBudget: { input?: number; output?: number }) {
    const options = optionsOf('server', { memoryBudget });
    const clock = new VirtualClock();
    const all = Array.from({ length: count }, () => {
      const kept = keeper();
      return {
        ...rawPair({ handler: kept.handler, resolved: options, clock, highWaterMark: MIB }),
        ...kept,
      };
    });
    return { all, clock, budget: options.memoryBudget };
  }

  test('unfinished messages: the largest holder goes with 1013, others come through', async () => {
    const { all, clock, budget } = crowd(4, { input: 300_000 });
    const sizes = [100_000, 120_000, 60_000, 50_000];
    for (const [index, size] of sizes.entries()) {
      all[index]?.peer.send(Opcode.Binary, new Uint8Array(size), { fin: false });
      await settle();
    }
    assert.ok(budget.input.used > 300_000, `${budget.input.used}`);
    for (const { peer } of all) peer.send(Opcode.Continuation, 'end');
    await clock.pass(2_100);
    assert.deepEqual(
      all.map(({ ends, messages }) => [ends[0]?.code, messages.length]),
      [
        [undefined, 1],
        [undefined, 1],
        [undefined, 1],
        [undefined, 1],
      ],
    );
    assert.equal(budget.input.used, 0);
  });

  test('unfinished messages that do not end: the largest holder goes with 1013', async () => {
    const { all, clock, budget } = crowd(4, { input: 300_000 });
    const sizes = [100_000, 120_000, 60_000, 50_000];
    for (const [index, size] of sizes.entries()) {
      all[index]?.peer.send(Opcode.Binary, new Uint8Array(size), { fin: false });
      await settle();
    }
    await clock.pass(2_100);
    assert.deepEqual(
      all.map(({ ends }) => ends[0]?.code),
      [undefined, 1013, undefined, undefined],
    );
    assert.ok(budget.input.used <= 300_000);
    for (const { peer } of all) peer.send(Opcode.Continuation, 'end');
    await settle();
    assert.deepEqual(
      all.map(({ messages }) => messages.length),
      [1, 0, 1, 1],
    );
    assert.equal(budget.input.used, 0);
  });

  test('messages that wait for a handler count; who is given up loses them, counted', async () => {
    const options = optionsOf('server', { memoryBudget: { input: 250_000 } });
    const { connection, peer, clock } = rawPair({
      handler: { message: () => new Promise(() => {}) },
      resolved: options,
    });
    peer.send(Opcode.Binary, new Uint8Array(10));
    for (let count = 0; count < 2; count++) peer.send(Opcode.Binary, new Uint8Array(200_000));
    await settle(10);
    await clock.pass(2_100);
    assert.deepEqual(connection.dropped, { messages: 1, bytes: 200_000 });
    assert.equal(connection.state, 'closed');
    assert.equal(options.memoryBudget.input.used, 0);
  });

  test('a connection that pulls frees its share as it pulls', async () => {
    const options = optionsOf('client', { memoryBudget: { input: MIB } });
    const { connection, peer } = rawPair({ role: 'client', resolved: options });
    peer.texts(...texts(100));
    await settle();
    assert.ok(options.memoryBudget.input.used > 3_000);
    for (const expected of texts(100)) assert.equal(await connection.receive(), expected);
    assert.equal(options.memoryBudget.input.used, 0);
  });

  test('bytes for peers that do not read: the largest holder goes with 1013', async () => {
    const { all, clock, budget } = crowd(3, { output: 3 * MIB });
    for (const { peer } of all) peer.transport.pause();
    for (const [index, size] of [1.5, 1.9, 1.7].entries()) {
      all[index]?.connection.send(new Uint8Array(size * MIB));
    }
    await settle();
    assert.ok(budget.output.used < 3 * MIB, `${budget.output.used}`);
    for (const { connection } of all) connection.send(new Uint8Array(MIB / 2));
    await settle();
    assert.ok(budget.output.used > 3 * MIB, `${budget.output.used}`);
    await clock.pass(2_100);
    assert.deepEqual(
      all.map(({ connection }) => connection.state),
      ['open', 'closed', 'open'],
    );
    assert.equal((await all[1]?.connection.closed)?.code, 1013);
    for (const { peer } of all) peer.transport.resume();
    await settle(20);
    assert.equal(budget.output.used, 0);
  });

  test('the end of every connection leaves nothing counted', async () => {
    const { all, budget } = crowd(3, { input: MIB, output: MIB });
    for (const { peer, connection } of all) {
      peer.send(Opcode.Binary, new Uint8Array(50_000), { fin: false });
      connection.send(new Uint8Array(2 * MIB));
    }
    await settle();
    all[0]?.connection.terminate();
    all[1]?.peer.transport.destroy();
    void all[2]?.connection.close();
    all[2]?.peer.transport.destroy();
    await settle(10);
    assert.deepEqual([budget.input.used, budget.output.used], [0, 0]);
  });
});
