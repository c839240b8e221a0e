import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../scripts/root.ts';
import { testFileOf } from '../scripts/sources.ts';

/** One mutant that no test noticed. */
export interface Survivor {
  readonly line: number;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
}

/** What became of the mutants of one source, when, and how it and its own test read then. */
export interface Measurement {
  readonly file: string;
  readonly date: string;
  readonly state: string;
  readonly killed: number;
  readonly survivors: readonly Survivor[];
}

const path = join(root, 'mutation/measured.json');

/** Reads the figures that were recorded last, of each source. */
export function readMeasured(): readonly Measurement[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Measurement[]) : [];
}

/** Puts newer figures in the place of older ones, source by source; what is gone is left out. */
export function merged(
  sources: readonly string[],
  older: readonly Measurement[],
  newer: readonly Measurement[],
): readonly Measurement[] {
  const all = new Map([...older, ...newer].map((row) => [row.file, row]));
  return sources.flatMap((file) => all.get(file) ?? []);
}

/** Keeps new figures beside those of the other sources, and gives them all. */
export function recordMeasured(
  sources: readonly string[],
  results: readonly Measurement[],
): readonly Measurement[] {
  const rows = merged(sources, readMeasured(), results);
  writeFileSync(path, `${JSON.stringify(rows, undefined, 2)}\n`);
  return rows;
}

/** A short hash of a source and its own test below a folder, however their lines end. */
export function stateOf(folder: string, file: string): string {
  const hash = createHash('sha256');
  for (const part of [file, testFileOf(file)]) {
    hash.update(readFileSync(join(folder, part), 'utf8').replaceAll('\r\n', '\n')).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}
