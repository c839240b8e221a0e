import { measure } from '../matrix.ts';
import { reference } from '../measure/peers.ts';
import { rounded, type Spread } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import { type Origin, origin, writeResults } from '../report/results.ts';
import { columns } from '../report/table.ts';
import { measureParsing, type ParsingPoint } from './parsing.ts';
import { allSeries, type Series, socketLimit, socketsOf } from './series.ts';

/** What the peers reached at one value of what grows. */
export interface GrowthPoint {
  readonly x: number;
  readonly costs: Readonly<Record<string, Spread>>;
  readonly load: number;
}

/** One series, measured. */
export interface GrowthSeries extends Omit<Series, 'points'> {
  readonly points: readonly GrowthPoint[];
}

/** A file of bench/results. */
export interface Growth extends Origin {
  readonly kind: 'growth';
  readonly rounds: number;
  readonly seconds: number;
  readonly series: readonly GrowthSeries[];
  readonly parsing: readonly ParsingPoint[];
}

const cell = (spread: Spread | undefined): string =>
  spread === undefined
    ? '–'
    : `${rounded(spread.median)} (${rounded(spread.min)}–${rounded(spread.max)})`;

/** The table of a series, row by row. */
export function seriesRows({ x, points }: GrowthSeries): string[][] {
  const names = [...new Set(points.flatMap(({ costs }) => Object.keys(costs)))];
  const rows = points.map((point) => [
    rounded(point.x),
    ...names.map((name) => cell(point.costs[name])),
    String(point.load),
  ]);
  return [[x, ...names, 'load'], ...rows];
}

/** The table of parsing, row by row. */
export function parsingRows(points: readonly ParsingPoint[]): string[][] {
  const rows = points.map(({ reads, cost }) => [
    rounded(reads),
    cell(cost),
    rounded(cost.median / reads),
  ]);
  return [['reads', 'CPU µs/message', 'CPU µs/read'], ...rows];
}

async function measureSeries(all: Series, options: BenchOptions): Promise<GrowthSeries> {
  const points: GrowthPoint[] = [];
  const limit = socketLimit();
  for (const [x, workload] of all.points) {
    if (socketsOf(workload) > limit) {
      console.log(`left out: ${workload.id}, since a process may open ${limit} sockets only`);
      continue;
    }
    const [{ peers, absent }] = await measure(workload, options);
    for (const { peer, reason } of absent)
      console.log(`${workload.id}: without ${peer}: ${reason}`);
    const costs = Object.fromEntries(peers.map(({ peer, cost }) => [peer, cost]));
    points.push({ x, costs, load: Math.max(...peers.flatMap(({ load }) => load)) });
  }
  const { points: _planned, ...about } = all;
  return { ...about, points };
}

/** Measures all growth: hawser beside the reference, or the peers asked for. */
export async function runGrowth(
  given: BenchOptions,
  args: readonly string[],
  all: readonly Series[] = allSeries,
): Promise<boolean> {
  const few = given.peers.filter(({ name }) => name === 'hawser' || name === reference);
  const options = args.includes('--peers') ? given : { ...given, peers: few };
  const { rounds, seconds, json } = options;
  const series: GrowthSeries[] = [];
  for (const each of all) {
    const measured = await measureSeries(each, options);
    series.push(measured);
    console.log(`${each.title} (${each.y})\n${columns(seriesRows(measured))}\n`);
  }
  const parsing = measureParsing(rounds);
  console.log(`one message of 100,000 B by reads\n${columns(parsingRows(parsing))}`);
  const growth: Growth = { kind: 'growth', ...origin(args), rounds, seconds, series, parsing };
  if (json !== undefined) writeResults(json, growth);
  return true;
}
