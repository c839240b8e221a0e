import assert from 'node:assert/strict';

import type { Duel, Target } from './arena.ts';
import { against, type Input } from './row.ts';
import { fails } from './verdict.ts';

/** What the attacker sends makes the connection fail with the code, and brings no message. */
export function failing(
  targets: readonly Target[],
  name: string,
  code: number,
  send: (duel: Duel) => void,
): Input[] {
  return against(targets, name, async (arena) => {
    const duel = await arena.duel();
    send(duel);
    await fails(arena, duel, code);
    assert.deepEqual(duel.witness.messages, []);
  });
}
