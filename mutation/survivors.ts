import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../scripts/root.ts';
import type { Measurement, Survivor } from './measured.ts';

/** A mutant that may live, and why; it is known by its text, since lines move. */
export interface Excuse {
  readonly file: string;
  readonly original: string;
  readonly replacement: string;
  readonly reason: string;
}

/** The reasons for the survivors, written by hand. */
export const excuses = JSON.parse(
  readFileSync(join(root, 'mutation/survivors.json'), 'utf8'),
) as readonly Excuse[];

/** Gives the reason why a mutant may live. */
export function reasonFor(source: string, survivor: Survivor): string | undefined {
  return excuses.find(
    ({ file, original, replacement }) =>
      file === source && original === survivor.original && replacement === survivor.replacement,
  )?.reason;
}

/** The share of the mutants that the tests noticed, in per cent. */
export function score(results: readonly Measurement[]): number {
  const killed = results.reduce((sum, result) => sum + result.killed, 0);
  const alive = results.reduce((sum, { survivors }) => sum + survivors.length, 0);
  return killed + alive === 0 ? 100 : (100 * killed) / (killed + alive);
}

const code = (text: string): string => {
  const short = text.length > 70 ? `${text.slice(0, 69)}…` : text;
  const marks = short.includes('`') ? '``' : '`';
  return `${marks}${marks.length > 1 ? ' ' : ''}${short || ' '}${marks.length > 1 ? ' ' : ''}${marks}`
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');
};

function figures(results: readonly Measurement[]): string[] {
  const row = (name: string, part: readonly Measurement[], date: string): string => {
    const killed = part.reduce((sum, result) => sum + result.killed, 0);
    const alive = part.reduce((sum, { survivors }) => sum + survivors.length, 0);
    const share = score(part).toFixed(1);
    return `| ${name} | ${killed + alive} | ${killed} | ${alive} | ${share} | ${date} |`;
  };
  return [
    '| file | mutants | killed | alive | score in % | measured on |',
    '|---|---:|---:|---:|---:|---|',
    ...results.map((result) => row(result.file, [result], result.date)),
    row('**all**', results, ''),
  ];
}

const introduction = [
  '# Mutation tests',
  '',
  'A mutant is a small change of a source file; a good test suite notices it. `npm run mutation`',
  'lets Stryker change `src/protocol` and `src/handshake` one place at a time and runs the test',
  "file of that source first, then every other test of the pure layers that reaches it. A file's",
  'mutants are killed to 90 % or more, or every survivor has its reason below',
  '(`mutation/survivors.json`).',
  '',
  '`npm run mutation -- --files PATH --record` measures one source or a few and renews their rows',
  'here (and in `mutation/measured.json`); the others stay as they were. Each row tells of the',
  'source as it stood on its day. `--changed` takes the sources that read otherwise since, or whose',
  'own tests do; `--minutes N` takes them first and then a random slice of the rest, and asks for',
  '90 % over all that it had time for, mutants with a reason left out.',
];

const survivorsHead = ['## Survivors', '', '| where | from | to | reason |', '|---|---|---|---|'];

function survivorRow(file: string, survivor: Survivor): string {
  const { line, original, replacement } = survivor;
  const where = `${file.replace('src/', '')}:${line}`;
  const reason = reasonFor(file, survivor) ?? 'none yet';
  return `| ${where} | ${code(original)} | ${code(replacement)} | ${reason} |`;
}

/** Writes the report: the figures of each source, and every survivor with its reason. */
export function writeReport(rows: readonly Measurement[], sources: readonly string[]): void {
  const measured = new Set(rows.map(({ file }) => file));
  const others = sources.filter((file) => !measured.has(file));
  const lines = [
    ...introduction,
    '',
    ...figures(rows),
    '',
    others.length === 0
      ? 'Every source with code in it was measured.'
      : `Not measured yet: ${others.map((file) => code(file)).join(', ')}.`,
    '',
    ...survivorsHead,
    ...rows.flatMap(({ file, survivors }) => survivors.map((one) => survivorRow(file, one))),
    '',
  ];
  writeFileSync(join(root, 'docs/mutation.md'), lines.join('\n'));
}
