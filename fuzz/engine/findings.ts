import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { FaultKind } from './judge.ts';

/** An input on which a target failed, as it is kept. */
export interface Finding {
  readonly target: string;
  readonly kind: FaultKind;
  readonly detail: string;
  /** The seed of the run that found it. */
  readonly seed: number;
  /** The smallest input that was found, as hex. */
  readonly input: string;
  readonly cuts: readonly number[];
}

/** Writes a finding as a fixture; gives its file's name, which depends on the input alone. */
export function writeFinding(folder: string, finding: Finding): string {
  mkdirSync(folder, { recursive: true });
  const digest = createHash('sha256').update(finding.input).digest('hex').slice(0, 8);
  const name = `${finding.target}-${finding.kind}-${digest}.json`;
  writeFileSync(join(folder, name), `${JSON.stringify(finding, undefined, 2)}\n`);
  return name;
}

/** All fixtures of a folder, each with its file's name. */
export function readFindings(folder: string): (readonly [name: string, finding: Finding])[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names
    .toSorted()
    .map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as Finding]);
}
