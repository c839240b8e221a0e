import type { Judged } from './judge.ts';
import type { Result } from './perform.ts';

const widths = [6, 5, 44, 44] as const;
const names = ['id', 'tried', 'attack', 'expected'] as const;

function cells(values: readonly (string | number)[]): string {
  return widths
    .map((width, index) => {
      const text = String(values[index] ?? '');
      return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
    })
    .join('  ');
}

function number(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(2);
}

function figure({ name, value, bound, unit, passed }: Judged): string {
  const limit = bound === Infinity ? '' : ` (≤ ${number(bound)})`;
  return `${passed ? '' : 'NOT '}${name} ${number(value)} ${unit}${limit}`.replace('  ', ' ');
}

const mebibytes = (bytes: number) => `${bytes < 0 ? '' : '+'}${(bytes / 1_048_576).toFixed(1)} MiB`;

/** The heading of the table. */
export function heading(): string {
  return `${cells(names)}  came`;
}

/** How many of a row's assertions passed and failed: one for each input, one for its figures. */
export function score({ row, failures, figures }: Result): { passed: number; failed: number } {
  const late = figures.some(({ passed }) => !passed);
  const failed = failures.length + (late ? 1 : 0);
  return { passed: Math.max(0, row.inputs.length + 1 - failed), failed };
}

/** A row of the table: what was tried and expected, what came, and the figures beside bounds. */
export function lines(result: Result): string {
  const { row, failures, notes, figures, heap, rss, attempts } = result;
  const came = score(result).failed > 0 ? 'FAILED' : 'as expected';
  const said = [...new Set(notes)].join(', ');
  const measured = [
    ...figures.map(figure),
    `heap ${mebibytes(heap)} (≤ 2)`,
    `RSS ${mebibytes(rss)}`,
    ...(attempts > 1 ? [`run ${attempts} times`] : []),
  ];
  return [
    `${cells([row.id, row.inputs.length, row.title, row.expected])}  ${came}${said === '' ? '' : `: ${said}`}`,
    `        ${measured.join(' · ')}`,
    ...failures.map((failure) => `        ✗ ${failure}`),
  ].join('\n');
}
