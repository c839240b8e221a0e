import { type Growth, parsingRows, seriesRows } from '../growth/growth.ts';
import { rounded } from '../measure/statistics.ts';
import { type MicroResults, pieceRows } from '../micro/micro.ts';
import { type WorkersResults, workersRows } from '../workers/workers.ts';
import type { Matrix, Origin, WorkloadFigures } from './results.ts';
import { cells, headings, markdownTable } from './table.ts';

function aboutOrigin({ date, machine, command }: Origin): string {
  const { cpu, cores, memoryGiB, system, node, pinning } = machine;
  return [
    `Measured ${date.slice(0, 16).replace('T', ' ')} UTC with \`${command}\` on ${cpu},`,
    `${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}; ${pinning}.`,
  ].join(' ');
}

/** Workloads by peers: the medians of the ratios. */
function overview({ workloads }: Matrix): string {
  const names = [...new Set(workloads.flatMap(({ peers }) => peers.map(({ peer }) => peer)))];
  const rows = workloads.map(({ id, peers, measures }) => [
    measures === 'cpu' ? id : `${id} (less is better)`,
    ...names.map((name) => {
      const ratio = peers.find(({ peer }) => peer === name)?.ratio;
      return ratio === undefined ? '' : rounded(ratio.median);
    }),
  ]);
  return markdownTable([['ratio to ws', ...names], ...rows]);
}

function details(figures: WorkloadFigures): string[] {
  const absent = figures.absent.map(({ peer, reason }) => `${peer} (${reason})`);
  return [
    `### ${figures.id}: ${figures.title}`,
    '',
    markdownTable([headings(figures), ...figures.peers.map(cells)]),
    '',
    ...(absent.length > 0 ? [`Without ${absent.join(', ')}.`, ''] : []),
  ];
}

const picture = (title: string, file: string): string => `![${title}](performance/${file})`;

/** The section of a matrix. */
export function matrixSection(matrix: Matrix, charts: readonly string[]): string {
  const { rounds, seconds, seed, versions, workloads, machine } = matrix;
  const peers = Object.entries(versions).map(([peer, version]) => `${peer}: ${version}`);
  return [
    `## All workloads on Node ${machine.node}`,
    '',
    aboutOrigin(matrix),
    `Median of ${rounds} rounds of ${seconds} s (least–greatest), seed ${seed}.`,
    '',
    `Versions: ${peers.join('; ')}.`,
    '',
    overview(matrix),
    '',
    ...charts.map((file) => picture(`ratios to ws on Node ${machine.node}`, file)),
    '',
    ...workloads.flatMap(details),
  ]
    .join('\n')
    .trim();
}

/** The section of the pieces measured by themselves. */
export function microSection(results: MicroResults): string {
  const { rounds, pieces } = results;
  return [
    '## The pieces by themselves',
    '',
    aboutOrigin(results),
    `Median of ${rounds} rounds (least–greatest).`,
    '',
    markdownTable(pieceRows(pieces)),
  ].join('\n');
}

/** The section of several workers. */
export function workersSection(results: WorkersResults): string {
  const { rounds, seconds, points, machine } = results;
  return [
    '## Several cores',
    '',
    aboutOrigin(results),
    `Median of ${rounds} rounds of ${seconds} s (least–greatest).`,
    '',
    markdownTable(workersRows(points)),
    '',
    `The load generator works on the same ${machine.cores} cores: whatever the number of workers, no more can`,
    'be reached than what these give in a second, over what server and generator together take for a',
    'message. "Cores busy" is how much of it was used; what is missing was waited for, or went to other',
    'programs.',
  ].join('\n');
}

/** The section of what grows, with the chart of each series. */
export function growthSection(growth: Growth, chartOf: (id: string) => string): string {
  const { rounds, seconds, series, parsing } = growth;
  return [
    '## Growth',
    '',
    aboutOrigin(growth),
    `Median of ${rounds} rounds of ${seconds} s (least–greatest).`,
    '',
    ...series.flatMap((each) => [
      `### ${each.title[0]?.toUpperCase() ?? ''}${each.title.slice(1)}`,
      '',
      `${each.y} by ${each.x}:`,
      '',
      markdownTable(seriesRows(each)),
      '',
      picture(each.title, chartOf(each.id)),
      '',
    ]),
    '### Time to parse one message of 100,000 B that comes in n reads',
    '',
    markdownTable(parsingRows(parsing)),
  ].join('\n');
}
