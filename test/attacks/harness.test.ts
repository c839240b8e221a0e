import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import type { Arena } from './harness/arena.ts';
import { op } from './harness/frames.ts';
import { input } from './harness/row.ts';
import { Theatre } from './harness/theatre.ts';
import { fails } from './harness/verdict.ts';
import { memory, memoryBack } from './harness/vitals.ts';

const theatre = new Theatre(false);
after(() => theatre.close());

const perform = (run: (arena: Arena) => Promise<void> | void) =>
  theatre.perform(input('a fault of its own', run));

test('a timer that is left behind is seen', async () => {
  let timer: NodeJS.Timeout | undefined;
  await assert.rejects(
    perform(() => {
      timer = setTimeout(() => {}, 60_000);
    }),
    /back at the baseline but for Timeout/,
  );
  clearTimeout(timer);
});

test('a warning is seen', async () => {
  await assert.rejects(
    perform(() => process.emitWarning('something is odd')),
    /something is odd/,
  );
});

test('a second terminal event is seen', async () => {
  await assert.rejects(
    perform(async (arena) => {
      const { attacker, witness } = await arena.duel();
      attacker.destroy();
      witness.infos.push(await witness.closed(2_000));
    }),
    /exactly one terminal event/,
  );
});

test('another code than the expected one is seen', async () => {
  await assert.rejects(
    perform(async (arena) => {
      const duel = await arena.duel();
      duel.attacker.send(op.more, 'x');
      await fails(arena, duel, 1007);
    }),
    /1002/,
  );
});

test('memory that is kept is seen', async () => {
  const before = memory();
  const kept = Buffer.alloc(3 * 1_048_576);
  await assert.rejects(memoryBack(before), /buffers 3\d{6}/);
  assert.equal(kept.length, 3 * 1_048_576);
});
