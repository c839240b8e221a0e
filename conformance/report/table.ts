import type { Result } from '../case.ts';
import { groupNames } from '../catalogue.ts';
import { columnOf, columns, isPassed } from './verdict.ts';
import type { Column } from './verdict.ts';

function count(results: readonly Result[]): Record<Column, number> {
  const counts = Object.fromEntries(columns.map((column) => [column, 0])) as Record<Column, number>;
  for (const result of results) counts[columnOf(result)] += 1;
  return counts;
}

function row(name: string, cells: readonly (string | number)[]): string {
  const widths = columns.map((column) => column.length + 2);
  const padded = cells.map((cell, i) => String(cell === 0 ? '.' : cell).padStart(widths[i] ?? 0));
  return name.padEnd(30) + padded.join('');
}

const groupOf = ({ id }: Result): string => id.split('.')[0] ?? '';

/** The table of one role by group. */
export function table(results: readonly Result[]): string {
  const groups = [...new Set(results.map((result) => groupOf(result)))];
  const lines = groups.map((group) => {
    const counts = count(results.filter((result) => groupOf(result) === group));
    const name = `${group.padStart(2)} ${groupNames[group] ?? ''}`;
    return row(
      name,
      columns.map((column) => counts[column]),
    );
  });
  const sum = count(results);
  const total = row(
    `${results.length} cases`,
    columns.map((column) => sum[column]),
  );
  return [row('', columns), ...lines, total].join('\n');
}

/** Every case that is not simply passed, with what was expected and what came. */
export function listOf(results: readonly Result[]): string {
  return results
    .filter((result) => columnOf(result) !== 'OK')
    .map((result) =>
      [
        `${columnOf(result)}  ${result.id}  ${result.title}  (${result.role}, ` +
          `behavior ${result.behavior}, close ${result.behaviorClose})`,
        `    expected: ${result.expected}`,
        `    came:     ${result.got}`,
      ].join('\n'),
    )
    .join('\n');
}

/** How many results count as passed and how many do not. */
export function score(results: readonly Result[]): { passed: number; failed: number } {
  const passed = results.filter((result) => isPassed(columnOf(result))).length;
  return { passed, failed: results.length - passed };
}
