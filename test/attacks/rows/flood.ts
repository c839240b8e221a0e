import assert from 'node:assert/strict';

import type { Arena, Duel, Target } from '../harness/arena.ts';
import { against, heavyInput, type Input, input, row } from '../harness/row.ts';
import { fails, pings } from '../harness/verdict.ts';
import { memory } from '../harness/vitals.ts';
import { until } from '../harness/waiting.ts';

const mebibyte = 1_048_576;

const softMark = 65_536;

/** A connection whose patience with floods is a second; in the long form it has no options. */
async function impatient(arena: Arena): Promise<Duel> {
  if (arena.full) return arena.duel();
  const controlFrames = { timeout: 1_000 };
  if (arena.target.startsWith('client')) return arena.duel({ controlFrames });
  return arena.duelWith(await arena.open({ endpoint: { controlFrames } }));
}

/** A flood that is written while the attacker reads nothing; then it leaves. */
function unread(targets: readonly Target[], count: number, growth: number): Input[] {
  return against(targets, `${count} pings of 125 B, their pongs not read`, async (arena) => {
    const duel = await impatient(arena);
    duel.attacker.socket.pause();
    const flood = pings(duel, count);
    const before = memory();
    duel.attacker.write(flood);
    await until(() => duel.witness.pings > 100, 2_000, 'the first pings');
    await arena.stage.canaries[0]?.check();
    const waiting = duel.witness.connection.bufferedAmount;
    assert.ok(waiting <= softMark, `${waiting} bytes of pongs wait`);
    const now = memory();
    arena.figure('RSS', (now.rss - before.rss) / mebibyte, growth, 'MiB');
    arena.figure('buffers', (now.arrayBuffers - before.arrayBuffers) / mebibyte, 1, 'MiB');
    duel.attacker.destroy();
    // While reading is slowed the end cannot be seen, but not for longer than the timeout.
    await duel.witness.closed(arena.full ? 12_000 : 3_000);
  });
}

/** Rows about control frames that come faster than anyone needs them. */
export const floodRows = [
  row('FC-05', 'pings, and their pongs not read', 'at most one pong waits', [
    unread(['plain'], 20_000, 1),
  ]),
  row('MS-15', 'pings of a server that reads no pong', 'at most one pong waits', [
    unread(['client', 'client deflate'], 20_000, 2),
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
      const flood = pings(duel, 2_000);
      const timer = setInterval(() => {
        if (!duel.attacker.over && duel.attacker.socket.writableLength < mebibyte) {
          duel.attacker.write(flood);
        }
      }, 20);
      arena.after(() => clearInterval(timer));
      await fails(arena, duel, 1008, 15_000);
      arena.notes.push(`${duel.witness.pings} pings taken`);
      duel.attacker.frames.length = 0;
    }),
  ]),
];
