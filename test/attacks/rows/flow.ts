import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';

import type { Connection } from 'hawser';

import type { Duel } from '../harness/arena.ts';
import { closeBody, op } from '../harness/frames.ts';
import { against, blocking, heavyInput, type Input, input, row } from '../harness/row.ts';
import { memory } from '../harness/vitals.ts';
import { timeOf, until } from '../harness/waiting.ts';

const mebibyte = 1_048_576;
const softMark = 65_536;
const hardMark = mebibyte;

/** The most that waited for a peer while an application pushed without looking. */
interface Pushed {
  readonly most: number;
  readonly signalledAt: number;
}

/** Sends without waiting, and lets the loop turn between: like an application that does not care. */
async function push(connection: Connection, times: number, message: Uint8Array): Promise<Pushed> {
  let most = 0;
  let signalledAt = Infinity;
  for (let count = 0; count < times && connection.state === 'open'; count++) {
    const more = connection.send(message);
    most = Math.max(most, connection.bufferedAmount);
    if (!more) signalledAt = Math.min(signalledAt, connection.bufferedAmount);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { most, signalledAt };
}

function unreadPushes(): Input[] {
  return against(['plain', 'tls'], '300 × 1 MiB to a peer that never reads', async (arena) => {
    const { attacker, witness } = await arena.duel();
    attacker.socket.pause();
    const before = memory();
    const { most, signalledAt } = await push(witness.connection, 300, Buffer.alloc(mebibyte));
    arena.figure('waiting at most', most / mebibyte, (hardMark + mebibyte) / mebibyte, 'MiB');
    assert.ok(most <= hardMark + mebibyte, `${most} bytes waited`);
    assert.ok(signalledAt >= softMark);
    const growth = memory().arrayBuffers - before.arrayBuffers;
    assert.ok(growth <= hardMark + 2 * mebibyte, `${growth} bytes of buffers`);
    const info = await witness.closed(4_000);
    assert.ok([1008, 1013].includes(info.code), String(info.code));
    await arena.socketsGone(200);
  });
}

/** `send` says no from 64 KiB that wait, neither earlier nor later. */
function toldOf(): Input[] {
  return against(
    ['plain', 'tls', 'client'],
    '1 KiB at a time, until send says no',
    async (arena) => {
      const { attacker, witness } = await arena.duel();
      const { connection } = witness;
      attacker.socket.pause();
      let goesOn = true;
      while (goesOn) {
        goesOn = connection.send(Buffer.alloc(1_024));
        assert.equal(goesOn, connection.bufferedAmount < softMark);
        // So much at once that the system takes no more; then one by one up to the mark.
        if (goesOn && connection.bufferedAmount === 0) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      assert.ok(
        connection.bufferedAmount >= softMark && connection.bufferedAmount < softMark + 2_048,
      );
      attacker.socket.resume();
      await until(() => witness.drains === 1, 2_000, 'the drain event');
      attacker.destroy();
    },
  );
}

/** Rows about peers that do not read, floods and silence. */
export const flowRows = [
  row('FC-01', 'a peer that never reads', 'bounded memory, backpressure told, then 1013', [
    unreadPushes(),
    toldOf(),
  ]),
  row('FC-09', 'a peer that stops answering', 'ended at interval + timeout, 1006', [
    against(['plain', 'tls', 'deflate'], 'interval 0.5 s, timeout 0.5 s', async (arena) => {
      const { target } = arena;
      const heartbeat = { interval: 500, timeout: 500 };
      const setup = {
        tls: target === 'tls',
        deflate: target === 'deflate',
        endpoint: { heartbeat },
      };
      const { witness } = await arena.duelWith(await arena.open(setup));
      const took = await timeOf(() => witness.closed(3_000));
      assert.ok(took >= 900, `${took} ms`);
      arena.figure('ended after', took, 1_100, 'ms');
      const { code, initiator } = await witness.connection.closed;
      assert.deepEqual([code, initiator], [1006, 'network']);
      await arena.socketsGone(200);
    }),
    heavyInput('no options: 25 s and 20 s', 45, async (arena) => {
      const { witness } = await arena.duel();
      const took = await timeOf(() => witness.closed(60_000));
      assert.ok(took >= 42_400, `${took} ms`);
      arena.figure('ended after', took / 1_000, 49.5, 's');
    }),
  ]),
];

/** The 99th percentile. */
function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;
}

/** Sends one message to all and gives how long it took to reach each of the readers. */
async function broadcast(all: readonly Connection[], readers: readonly Duel[], size: number) {
  const began = performance.now();
  const arrivals = readers.map(async ({ attacker }) => {
    await attacker.next(10_000);
    return performance.now() - began;
  });
  const message = Buffer.alloc(size, 98);
  for (const connection of all) connection.send(message);
  return p99(await Promise.all(arrivals));
}

const blockedRow = row('FC-13', 'one message to many, some of them blocked', 'the others get it', [
  input('one in a hundred blocked', async (arena) => {
    const count = arena.full ? 1_000 : 200;
    const stage = await arena.open({ options: { backpressure: { hard: 256 * 1024 } } });
    const duels: Duel[] = [];
    for (let index = 0; index < count; index++) duels.push(await arena.duelWith(stage));
    const all = duels.map(({ witness }) => witness.connection);
    const readers = duels.slice(count / 100);
    const control: number[] = [];
    for (let round = 0; round < 5; round++) control.push(await broadcast(all, duels, 1_024));
    const blocked = duels.slice(0, count / 100);
    for (const { attacker, witness } of blocked) {
      attacker.socket.pause();
      await push(witness.connection, 300, Buffer.alloc(64 * 1024));
    }
    const times: number[] = [];
    for (let round = 0; round < 5; round++) times.push(await broadcast(all, readers, 1_024));
    arena.figure('p99 against without', p99(times) / p99(control), 2, '');
    for (const { witness } of blocked) {
      assert.ok(witness.connection.bufferedAmount <= 256 * 1024 + 64 * 1024);
    }
    for (const { attacker } of duels) attacker.send(op.close, closeBody(1000));
  }),
]);

/** Rows about connections that share a server with a bad one. */
export const crowdRows = blocking([blockedRow]);
