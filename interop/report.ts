import { groups, type Group } from './matrix/checks.ts';
import { describeLimit } from './matrix/limit.ts';
import type { Peer } from './peers/peer.ts';
import type { Result, Unit } from './run.ts';

/** A peer that could not take part, which is a failure, and why. */
export interface Absence {
  readonly peer: string;
  readonly reason: string;
}

/** A line per row, a column per group: `passed/run`, `.` left out by the slice, `-` not possible. */
export function table(units: readonly Unit[], results: readonly Result[]): string {
  const header = ['peer', 'hawser is', 'deflate', ...groups];
  const lines = units.map(({ row, checks }) => {
    const ours = results.filter((result) => belongs(result, row));
    const cells = groups.map((group) => cell(group, ours, checks));
    return [row.peer, row.role, row.deflate, ...cells];
  });
  return aligned([header, ...lines]);
}

function belongs(result: Result, row: Unit['row']): boolean {
  const { peer, role, deflate } = row;
  return result.peer === peer && result.role === role && result.deflate === deflate;
}

function cell(group: Group, results: readonly Result[], checks: Unit['checks']): string {
  const run = results.filter((result) => result.group === group);
  if (run.length === 0) return checks.some((check) => check.group === group) ? '.' : '-';
  const passed = run.filter((result) => result.passed).length;
  return `${passed}/${run.length}${passed === run.length ? '' : ' !'}`;
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  return lines
    .map((line) => line.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

/** One failure, with what the peer wrote. */
export function describeFailure(result: Result): string {
  const { peer, role, deflate, check, error = '', peerLog = '' } = result;
  const log = peerLog === '' ? '' : `\n    the peer wrote:\n${indent(peerLog, '      ')}`;
  return `  FAILED ${peer} · hawser is ${role} · deflate ${deflate} · ${check}\n${indent(error, '    ')}${log}`;
}

function indent(text: string, by: string): string {
  return text
    .split('\n')
    .slice(-12)
    .map((line) => by + line)
    .join('\n');
}

/** What the peers cannot do, peer by peer. */
export function limitsOf(peers: readonly Peer[]): string {
  const lines = peers.flatMap(({ name, limits }) =>
    limits.map((limit) => `  ${name}: ${describeLimit(limit)}`),
  );
  return lines.length === 0 ? '' : `limits of the peers:\n${lines.join('\n')}\n`;
}

/** The last line: `N passed, N failed`; a peer that is absent counts as one failure. */
export function summary(results: readonly Result[], absent: readonly Absence[]): string {
  const failed = results.filter((result) => !result.passed).length;
  return `${results.length - failed} passed, ${failed + absent.length} failed`;
}
