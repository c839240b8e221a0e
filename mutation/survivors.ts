import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../scripts/root.ts';
import type { FileResult, Survivor } from './stryker.ts';

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
export function reasonFor(survivor: Survivor): string | undefined {
  return excuses.find(
    ({ file, original, replacement }) =>
      file === survivor.file &&
      original === survivor.original &&
      replacement === survivor.replacement,
  )?.reason;
}

/** The share of the mutants that the tests noticed, in per cent. */
export function score(results: readonly FileResult[]): number {
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

function figures(results: readonly FileResult[]): string[] {
  const row = (name: string, part: readonly FileResult[]): string => {
    const killed = part.reduce((sum, result) => sum + result.killed, 0);
    const alive = part.reduce((sum, { survivors }) => sum + survivors.length, 0);
    return `| ${name} | ${killed + alive} | ${killed} | ${alive} | ${score(part).toFixed(1)} |`;
  };
  return [
    '| file | mutants | killed | alive | score in % |',
    '|---|---:|---:|---:|---:|',
    ...results.map((result) => row(result.file, [result])),
    row('**all**', results),
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
];

const survivorsHead = ['## Survivors', '', '| where | from | to | reason |', '|---|---|---|---|'];

function survivorRow(survivor: Survivor): string {
  const { file, line, original, replacement } = survivor;
  const where = `${file.replace('src/', '')}:${line}`;
  const reason = reasonFor(survivor) ?? 'none yet';
  return `| ${where} | ${code(original)} | ${code(replacement)} | ${reason} |`;
}

/** Writes the report: how it was made, the figures, and every survivor with its reason. */
export function writeReport(
  path: string,
  results: readonly FileResult[],
  notMeasured: readonly string[],
): void {
  const lines = [
    ...introduction,
    '',
    `Measured on ${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node} by`,
    `\`npm run mutation -- ${process.argv.slice(2).join(' ')}\`.`,
    '',
    ...figures(results),
    '',
    notMeasured.length === 0
      ? 'Every source with code in it was measured.'
      : `Not measured in this run: ${notMeasured.map((file) => code(file)).join(', ')}.`,
    '',
    ...survivorsHead,
    ...results.flatMap((result) => result.survivors).map((survivor) => survivorRow(survivor)),
    '',
  ];
  writeFileSync(join(root, path), lines.join('\n'));
}
