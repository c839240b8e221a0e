import { rounded, type Spread } from '../measure/statistics.ts';
import type { PeerFigures, WorkloadFigures } from './results.ts';

const spread = (value: Spread | undefined): string =>
  value === undefined
    ? '–'
    : `${rounded(value.median)} (${rounded(value.min)}–${rounded(value.max)})`;

const optional = (value: number | undefined): string =>
  value === undefined ? '–' : rounded(value);

/** The headings of a workload's table. */
export function headings({ measures }: WorkloadFigures): readonly string[] {
  const cost = measures === 'cpu' ? 'CPU µs/message' : 'KiB/connection';
  return [
    'peer',
    'ratio to ws',
    cost,
    'kernel %',
    'messages/s',
    'p50 ms',
    'p99 ms',
    'RSS MiB',
    'load',
  ];
}

/** One line of a workload's table. */
export function cells(figures: PeerFigures): readonly string[] {
  const { peer, ratio, cost, kernel, throughput, p50, p99, rss, load } = figures;
  return [
    peer,
    spread(ratio),
    spread(cost),
    kernel === undefined ? '–' : (kernel * 100).toFixed(0),
    optional(throughput),
    optional(p50),
    optional(p99),
    rounded(rss),
    `${Math.min(...load)}–${Math.max(...load)}`,
  ];
}

/** Sets rows in columns of equal width, the first to the left and the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, index) =>
    Math.max(...rows.map((row) => row[index]?.length ?? 0)),
  );
  const pad = (cell: string, index: number): string =>
    index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0);
  return rows.map((row) => `  ${row.map(pad).join('  ').trimEnd()}`).join('\n');
}

/** Sets rows as a table of Markdown, numbers to the right. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const [head = [], ...body] = rows;
  const rule = `|---|${head
    .slice(1)
    .map(() => '---:|')
    .join('')}`;
  return [line(head), rule, ...body.map(line)].join('\n');
}

/** The table of a workload for a terminal. */
export function workloadTable(figures: WorkloadFigures): string {
  const absent = figures.absent.map(({ peer, reason }) => `  without ${peer}: ${reason}`);
  const table = columns([headings(figures), ...figures.peers.map(cells)]);
  return [`${figures.id}: ${figures.title}`, table, ...absent].join('\n');
}
