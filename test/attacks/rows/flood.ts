import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';

import type { Arena, Duel, Target } from '../harness/arena.ts';
import { type Frame, op } from '../harness/frames.ts';
import { against, heavyInput, type Input, input, row } from '../harness/row.ts';
import { fails, pings } from '../harness/verdict.ts';
import { memory } from '../harness/vitals.ts';
import { until } from '../harness/waiting.ts';

const mebibyte = 1_048_576;

/** A Pong of 125 bytes with the largest header it may have. */
const pongSize = 125 + 6;

/** A connection whose patience with floods is a second; in the long form it has no options. */
async function impatient(arena: Arena): Promise<Duel> {
  if (arena.full) return arena.duel();
  const controlFrames = { timeout: 1_000 };
  if (arena.target.startsWith('client')) return arena.duel({ controlFrames });
  return arena.duelWith(await arena.open({ endpoint: { controlFrames } }));
}

/** Writes pings as fast as they are taken, until the attacker is destroyed. */
function floodOn(arena: Arena, duel: Duel): void {
  const flood = pings(duel, 2_000);
  const timer = setInterval(() => {
    const { over, socket } = duel.attacker;
    if (!over && socket.writableLength < mebibyte) duel.attacker.write(flood);
  }, 20);
  arena.after(() => clearInterval(timer));
}

/** A flood that goes on while the attacker reads nothing; then it leaves. */
function unread(targets: readonly Target[], growth: number): Input[] {
  return against(targets, 'pings of 125 B, their pongs not read', async (arena) => {
    const duel = await impatient(arena);
    duel.attacker.socket.pause();
    floodOn(arena, duel);
    await until(() => duel.witness.pings > 100, 2_000, 'the first pings');
    let most = 0;
    const watch = async (time: number): Promise<void> => {
      const began = performance.now();
      do {
        await arena.stage.canaries[0]?.check();
        most = Math.max(most, duel.witness.connection.bufferedAmount);
      } while (arena.full && performance.now() - began < time);
    };
    // The flood lies in this process as well: what it takes is there before growth is measured.
    await watch(1_000);
    const before = memory();
    await watch(5_000);
    arena.figure('pongs that wait', most, pongSize, 'B');
    assert.ok(most <= pongSize, `${most} bytes of pongs wait`);
    const now = memory();
    arena.figure('RSS', (now.rss - before.rss) / mebibyte, growth, 'MiB');
    duel.attacker.destroy();
    // While reading is slowed the end cannot be seen, but not for longer than the timeout.
    await duel.witness.closed(arena.full ? 12_000 : 3_000);
  });
}

/** Nothing can be sent any more when the pings come: all but the latest are forgotten. */
function blocked(targets: readonly Target[]): Input[] {
  return against(targets, '5,000 pings where nothing more can be sent', async (arena) => {
    const options = { controlFrames: false, backpressure: { hard: 64 * mebibyte } } as const;
    const duel = arena.target.startsWith('client')
      ? await arena.duel(options)
      : await arena.duelWith(await arena.open({ endpoint: options }));
    const { attacker, witness } = duel;
    attacker.socket.pause();
    while (witness.connection.bufferedAmount === 0) {
      witness.connection.send(Buffer.alloc(mebibyte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const before = witness.connection.bufferedAmount;
    attacker.write(pings(duel, 5_000 - 1), attacker.frame(op.ping, 'the last'));
    await until(() => witness.pings === 5_000, 5_000, 'all pings');
    assert.ok(witness.connection.bufferedAmount <= before + pongSize);
    attacker.socket.resume();
    let pong: Frame | undefined;
    for (let pongs = 0; pongs < 1; attacker.frames.length = 0) {
      const frame = await attacker.next(5_000);
      if (frame.opcode === op.pong) [pong, pongs] = [frame, pongs + 1];
    }
    assert.equal(String(pong?.payload), 'the last');
    attacker.send(op.ping, 'afterwards');
    assert.equal(String((await attacker.next()).payload), 'afterwards');
    attacker.destroy();
  });
}

/** Rows about control frames that come faster than anyone needs them. */
export const floodRows = [
  row('FC-05', 'pings, and their pongs not read', 'at most one pong waits', [
    unread(['plain'], 1),
    blocked(['plain', 'tls']),
  ]),
  row('MS-15', 'pings of a server that reads no pong', 'at most one pong waits', [
    unread(['client', 'client deflate'], 2),
    blocked(['client']),
  ]),
  row('FC-07', 'a flood of pings, the pongs read', '1008 or slowed', [
    input('20,000 pings in one write, controlFrames.timeout 1 s', async (arena) => {
      const stage = await arena.open({ endpoint: { controlFrames: { timeout: 1_000 } } });
      const duel = await arena.duelWith(stage);
      duel.attacker.write(pings(duel, 20_000));
      await fails(arena, duel, 1008, 5_000);
      assert.ok(duel.witness.pings <= 20_000);
      duel.attacker.frames.length = 0;
    }),
    heavyInput('100,000 pings a second for 10 s, no options', 12, async (arena) => {
      const duel = await arena.duel();
      floodOn(arena, duel);
      await fails(arena, duel, 1008, 15_000);
      arena.notes.push(`${duel.witness.pings} pings taken`);
      duel.attacker.frames.length = 0;
    }),
  ]),
];
