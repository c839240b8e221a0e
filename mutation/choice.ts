import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../scripts/root.ts';
import { listFiles, needsTest } from '../scripts/sources.ts';
import { stateOf, type Measurement } from './measured.ts';

/** Lists the sources whose mutants are judged. */
export function mutatedSources(): readonly string[] {
  return listFiles(['src/protocol', 'src/handshake'], '.ts').filter(needsTest);
}

/**
 * Finds the sources that have no figures, or of which they or their own tests read otherwise than
 * when they were measured. No history is asked for it: a shallow clone has none.
 */
export function changedSources(
  sources: readonly string[],
  measured: readonly Measurement[],
): readonly string[] {
  const states = new Map(measured.map(({ file, state }) => [file, state]));
  return sources.filter((file) => states.get(file) !== stateOf(root, file));
}

/** Shuffles by a seed (mulberry32), so that the same seed gives the same order. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items];
  let state = seed | 0;
  for (let left = result.length; left > 1; left -= 1) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const other = ((mixed ^ (mixed >>> 14)) >>> 0) % left;
    [result[left - 1], result[other]] = [result[other] as T, result[left - 1] as T];
  }
  return result;
}

/** How many mutants a source will have: as many as it had, else about one for each line. */
export function expectedMutants(file: string, measured: readonly Measurement[]): number {
  const known = measured.find((measurement) => measurement.file === file);
  if (known !== undefined) return known.killed + known.survivors.length;
  return readFileSync(join(root, file), 'utf8').split('\n').length;
}
