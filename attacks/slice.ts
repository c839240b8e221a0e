import type { Row } from '../test/attacks/harness/row.ts';

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** The rows in an order that the seed decides. */
export function shuffled(rows: readonly Row[], seed: number): Row[] {
  const random = seeded(seed);
  return rows
    .map((row) => ({ row, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ row }) => row);
}

/** A row without the inputs that take longer than the time that is left, in seconds. */
export function fitting(row: Row, secondsLeft: number): { row: Row; leftOut: string[] } {
  let left = secondsLeft;
  const leftOut: string[] = [];
  const inputs = row.inputs.filter(({ heavy = 0, name }) => {
    if (heavy <= left) left -= heavy;
    else leftOut.push(`${row.id} ${name}`);
    return !leftOut.includes(`${row.id} ${name}`);
  });
  return { row: { ...row, inputs }, leftOut };
}
