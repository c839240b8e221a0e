import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../scripts/root.ts';
import { listFiles, needsTest, testFileOf } from '../scripts/sources.ts';

/** Lists the sources whose mutants are judged. */
export function mutatedSources(): readonly string[] {
  return listFiles(['src/protocol', 'src/handshake'], '.ts').filter(needsTest);
}

function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** What changed, and since what. */
export interface Changes {
  readonly since: string;
  readonly files: readonly string[];
}

/** Finds which of the sources changed, or whose own tests did, since the last release or commit. */
export function changedSources(sources: readonly string[]): Changes {
  const base = git('describe', '--tags', '--abbrev=0') ?? git('rev-parse', '--short', 'HEAD~1');
  if (base === undefined) return { since: 'nothing: no history', files: [] };
  const changed = new Set(git('diff', '--name-only', base)?.split('\n'));
  const files = sources.filter((file) => changed.has(file) || changed.has(testFileOf(file)));
  return { since: base, files };
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

/** The lines of a source: what its mutants will cost goes with them. */
export function linesOf(file: string): number {
  return readFileSync(join(root, file), 'utf8').split('\n').length;
}
