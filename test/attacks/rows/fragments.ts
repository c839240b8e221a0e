import assert from 'node:assert/strict';

import type { Arena, Duel, Target } from '../harness/arena.ts';
import { buildFrame, keyOf, op } from '../harness/frames.ts';
import { ownWork } from '../harness/own-work.ts';
import { against, heavyInput, type Input, input, row } from '../harness/row.ts';
import type { Stage } from '../harness/stage.ts';
import { fails } from '../harness/verdict.ts';
import { memory } from '../harness/vitals.ts';
import { timeOf, until } from '../harness/waiting.ts';

const everywhere: readonly Target[] = ['plain', 'tls', 'deflate', 'client', 'client deflate'];
const bothRoles: readonly Target[] = ['plain', 'client'];
const servers: readonly Target[] = ['plain', 'tls', 'deflate'];
const maxFragments = 1_024;
const mebibyte = 1_048_576;

const disorder: readonly (readonly [string, (duel: Duel) => void])[] = [
  ['a continuation first', ({ attacker }) => attacker.send(op.more, 'a')],
  [
    'a text inside a fragmented text',
    ({ attacker }) => {
      attacker.write(attacker.frame(op.text, 'a', { fin: false }), attacker.frame(op.text, 'b'));
    },
  ],
  [
    'a binary inside a fragmented text',
    ({ attacker }) => {
      attacker.write(attacker.frame(op.text, 'a', { fin: false }), attacker.frame(op.binary, 'b'));
    },
  ],
];

/** So many fragments of one byte, of a message that does not end. */
function fragments({ attacker }: Duel, count: number): Buffer {
  const more = attacker.frame(op.more, 'b', { fin: false });
  return Buffer.concat([
    attacker.frame(op.binary, 'a', { fin: false }),
    ...Array<Buffer>(count - 1).fill(more),
  ]);
}

const huge: readonly (readonly [string, number])[] = [
  ['2^31 - 1', 2 ** 31 - 1],
  ['2^31', 2 ** 31],
  ['2^53 - 1', Number.MAX_SAFE_INTEGER],
];

/** Opens six connections on each of which the most begins that a message may be, and never ends. */
async function holdOut(arena: Arena, stage: Stage, seconds: number): Promise<void> {
  const bits = { key: keyOf('client'), fin: false };
  const part = ownWork(() => buildFrame(op.binary, Buffer.alloc(mebibyte - 1), bits));
  const duels: Duel[] = [];
  for (let count = 0; count < 6; count++) duels.push(await arena.duelWith(stage));
  for (const { attacker } of duels) attacker.write(part);
  const took = await timeOf(async () => {
    for (const { attacker } of duels) {
      assert.equal(await attacker.closeCode(seconds * 1_000 + 3_000), 1008);
    }
  });
  assert.ok(took >= 0.95 * seconds * 1_000, `${took} ms`);
  arena.figure('closed after', took / 1_000, seconds + 0.5, 's');
  for (const { attacker, witness } of duels) {
    attacker.destroy();
    assert.equal((await witness.closed(1_000)).code, 1008);
  }
  await arena.socketsGone(1_000);
}

function endless(target: Target): Input[] {
  return against([target], '6 of maxMessageSize - 1, messageTimeout 1 s', async (arena) => {
    const endpoint = { messageTimeout: 1_000 };
    const setup = { tls: target === 'tls', deflate: target === 'deflate', endpoint };
    const stage = await arena.open(setup);
    // What a process once took for buffers of this size it does not give back at once.
    if (arena.full) await holdOut(arena, stage, 1);
    const { rss } = memory();
    await holdOut(arena, stage, 1);
    arena.figure('RSS', (memory().rss - rss) / mebibyte, 5, 'MiB');
  });
}

/** Rows about fragments and the memory of unfinished messages. */
export const fragmentRows = [
  row('FG-01', 'fragments in disorder', '1002', [
    disorder.flatMap(([name, send]) =>
      against(everywhere, name, async (arena) => {
        const duel = await arena.duel();
        send(duel);
        await fails(arena, duel, 1002);
        assert.deepEqual(duel.witness.messages, []);
      }),
    ),
  ]),
  row('FG-03', 'more fragments than a message may have', '1008 at the cap', [
    against(everywhere, `${maxFragments} of one byte, then one more`, async (arena) => {
      const duel = await arena.duel();
      const before = memory();
      duel.attacker.write(fragments(duel, maxFragments), duel.attacker.frame(op.ping, 'here'));
      assert.equal(String((await duel.attacker.next()).payload), 'here');
      const after = memory();
      const growth = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
      arena.figure('memory of the fragments', growth / 1024, 256, 'KiB');
      duel.attacker.send(op.more, 'b', { fin: false });
      await fails(arena, duel, 1008);
    }),
    against(bothRoles, '17 empty ones in a row', async (arena) => {
      const duel = await arena.duel();
      duel.attacker.send(op.text, 'a', { fin: false });
      for (let count = 0; count < 17; count++) duel.attacker.send(op.more, '', { fin: false });
      await fails(arena, duel, 1008);
    }),
  ]),
  row('FG-06', 'small messages out of large reads, kept', 'copied: no read buffer stays', [
    input('1,000 of 32 B, each followed by 64 KiB', async (arena) => {
      const kept: unknown[] = [];
      const stage = await arena.open({
        record: false,
        message(connection, data) {
          if (data.length === 32) kept.push(data);
          else connection.send('next');
        },
      });
      const { attacker } = await arena.duelWith(stage);
      const pair = [
        attacker.frame(op.binary, Buffer.alloc(32)),
        attacker.frame(op.binary, Buffer.alloc(65_480)),
      ];
      const before = memory();
      for (let count = 0; count < 1_000; count++) {
        attacker.write(...pair);
        await attacker.next();
      }
      attacker.frames.length = 0;
      assert.equal(kept.length, 1_000);
      const growth = memory().arrayBuffers - before.arrayBuffers;
      arena.figure('buffers of 1,000 messages', growth / mebibyte, 4, 'MiB');
      assert.ok(growth < 4 * mebibyte, `${growth} bytes for 32,000`);
    }),
  ]),
  row('FG-09', 'large messages that never end', '1008 at messageTimeout, memory back', [
    servers.flatMap(endless),
    heavyInput('6 of maxMessageSize - 1, no options', 32, (arena) =>
      holdOut(arena, arena.stage, 30),
    ),
  ]),
  row('FG-11', 'pings and pongs between fragments', 'pongs sent, message intact', [
    against(everywhere, 'a ping and a pong between each two of five', async (arena) => {
      const { attacker, witness } = await arena.duel();
      const between = [attacker.frame(op.ping, 'p'), attacker.frame(op.pong, 'q')];
      const parts = ['b', 'c', 'd'].flatMap((text) =>
        between.concat(attacker.frame(op.more, text, { fin: false })),
      );
      attacker.write(
        attacker.frame(op.text, 'a', { fin: false }),
        ...parts,
        ...between,
        attacker.frame(op.more, 'e'),
      );
      const frames = [];
      while (frames.at(-1)?.opcode !== op.text) frames.push(await attacker.next());
      const pongs = frames.filter(({ opcode }) => opcode === op.pong);
      assert.equal(pongs.length, 4);
      assert.deepEqual(witness.messages, ['abcde']);
    }),
  ]),
  row('FG-13', 'lengths whose sum is beyond all limits', '1009, no overflow', [
    huge.flatMap(([name, maxMessageSize]) =>
      input(`7F FF … behind one byte, maxMessageSize ${name}`, async (arena) => {
        const stage = await arena.open({ endpoint: { maxMessageSize } });
        const duel = await arena.duelWith(stage);
        duel.attacker.send(op.binary, 'x', { fin: false });
        duel.attacker.send(op.more, '', { declared: 0x7fff_ffff_ffff_ffffn });
        await fails(arena, duel, 1009);
      }),
    ),
    huge.flatMap(([name, maxMessageSize]) =>
      input(`exactly the limit behind one byte, maxMessageSize ${name}`, async (arena) => {
        const stage = await arena.open({ endpoint: { maxMessageSize } });
        const duel = await arena.duelWith(stage);
        duel.attacker.send(op.binary, 'x', { fin: false });
        duel.attacker.send(op.more, '', { fin: false, declared: BigInt(maxMessageSize) });
        await fails(arena, duel, 1009);
      }),
    ),
    input('the limit itself, 2^53 - 1: waited for, not allocated', async (arena) => {
      const endpoint = { maxMessageSize: Number.MAX_SAFE_INTEGER };
      const { attacker, witness } = await arena.duelWith(await arena.open({ endpoint }));
      const before = memory();
      attacker.send(op.binary, 'xyz', { declared: Number.MAX_SAFE_INTEGER });
      await attacker.flushed();
      attacker.socket.end();
      await until(() => witness.infos.length === 1, 2_000, 'the end');
      assert.ok(memory().arrayBuffers - before.arrayBuffers < mebibyte);
      assert.equal(witness.infos[0]?.code, 1006);
    }),
  ]),
];
