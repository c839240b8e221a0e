import assert from 'node:assert/strict';

import type { Target } from '../harness/arena.ts';
import { deflated, rsv1 } from '../harness/deflated.ts';
import { failing } from '../harness/failing.ts';
import { op } from '../harness/frames.ts';
import { against, input, row } from '../harness/row.ts';

const both: readonly Target[] = ['deflate', 'client deflate'];
const zeros = deflated(Buffer.alloc(900 * 1024));

/** Rows about how much larger a message may become when it is inflated. */
export const ratioRows = [
  row('CP-03', 'a ratio of 1,000 below the size limit', '1009, or allowed without the limit', [
    failing(both, '900 KiB of zeros', 1009, ({ attacker }) =>
      attacker.send(op.binary, zeros, rsv1),
    ),
    input('900 KiB of zeros, maxRatio Infinity', async (arena) => {
      const stage = await arena.open({ deflate: { maxRatio: Infinity } });
      const { attacker, witness } = await arena.duelWith(stage);
      attacker.send(op.binary, zeros, rsv1);
      assert.equal((await attacker.next()).opcode, op.binary);
      assert.equal(witness.messages[0]?.length, 900 * 1024);
    }),
    against(both, '60 KiB of zeros, below where the ratio counts', async (arena) => {
      const { attacker, witness } = await arena.duel();
      attacker.send(op.binary, deflated(Buffer.alloc(60 * 1024)), rsv1);
      await attacker.next();
      assert.equal(witness.messages[0]?.length, 60 * 1024);
    }),
  ]),
];
