import { baselineOf, lossOf, ratiosOf, tolerated } from './guarding/baseline.ts';
import { type GuardOptions, guardUsage, parseGuardOptions } from './guarding/options.ts';
import { measure } from './matrix.ts';
import { allPieces, measurePiece, type MicroResults } from './micro/micro.ts';
import type { BenchOptions } from './options.ts';
import { readResults } from './report/report.ts';
import type { Matrix } from './report/results.ts';
import { installPeers } from './setup/install.ts';
import type { Workload } from './workloads.ts';

/** How often a loss must show before it counts. */
const repeats = 3;

const percent = (part: number): string => `${(part * 100).toFixed(0)} %`;

/** One ratio that was committed, and how to measure it again. */
interface Guarded {
  readonly id: string;
  readonly committed: number;
  readonly measures: 'cpu' | 'memory';
  readonly measureAgain: () => Promise<number>;
}

/** Measures until a ratio holds, or has been lost every time. */
async function holds({ id, committed, measures, measureAgain }: Guarded): Promise<boolean> {
  for (let attempt = 1; attempt <= repeats; attempt += 1) {
    const ratio = await measureAgain();
    const loss = lossOf(committed, ratio, measures);
    const lost = loss > tolerated;
    const change = loss > 0 ? `${percent(loss)} worse` : `${percent(-loss)} better`;
    const numbers = `${ratio.toPrecision(3)}, committed ${committed.toPrecision(3)}`;
    console.log(`${lost ? 'LOST' : 'ok'}  ${id}: ${numbers}, ${change}`);
    if (!lost) return true;
  }
  return false;
}

async function ratioOf(workload: Workload, options: BenchOptions): Promise<number> {
  const [{ peers, absent }] = await measure(workload, options);
  const ratio = peers.find(({ peer }) => peer === 'hawser')?.ratio?.median;
  if (ratio !== undefined) return ratio;
  throw new Error(`${workload.id}: ${absent[0]?.reason ?? 'no figures'}`);
}

function guardedWorkloads(baseline: Matrix, options: BenchOptions): Guarded[] {
  const ratios = ratiosOf(baseline);
  return options.workloads.flatMap((workload) => {
    const { id, measures } = workload;
    const committed = ratios.get(id);
    const measureAgain = (): Promise<number> => ratioOf(workload, options);
    return committed === undefined ? [] : [{ id, committed, measures, measureAgain }];
  });
}

function guardedPieces(baseline: MicroResults, rounds: number): Guarded[] {
  return allPieces().flatMap((piece) => {
    const committed = baseline.pieces.find(({ id }) => id === piece.id)?.ratio.median;
    const measureAgain = async (): Promise<number> =>
      (await measurePiece(piece, rounds)).ratio.median;
    if (committed === undefined) return [];
    return [{ id: piece.id, committed, measures: 'cpu' as const, measureAgain }];
  });
}

/** All that is compared. */
function chooseGuarded({ pieces: wanted, bench }: GuardOptions): Guarded[] {
  const results = [...readResults().values()];
  const baseline = baselineOf(results, process.versions.node);
  if (baseline === undefined) throw new Error('bench/results holds no matrix to compare with');
  const { date, machine } = baseline;
  console.log(`compared with the matrix of ${date.slice(0, 10)} on Node ${machine.node}`);
  const micro = results.find((one) => one.kind === 'micro');
  const pieces =
    micro === undefined || !wanted ? [] : guardedPieces(micro, Math.max(5, bench.rounds));
  return [...pieces, ...guardedWorkloads(baseline, bench)];
}

async function guard(options: GuardOptions): Promise<boolean> {
  if (options.help) {
    console.log(guardUsage);
    return true;
  }
  const all = chooseGuarded(options);
  await installPeers();
  const failed: string[] = [];
  for (const guarded of all) {
    if (!(await holds(guarded))) failed.push(guarded.id);
  }
  if (failed.length > 0) console.log(`lost more than ${percent(tolerated)}: ${failed.join(' ')}`);
  console.log(`${all.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 && all.length > 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  process.exitCode = (await guard(parseGuardOptions(process.argv.slice(2)))) ? 0 : 1;
} catch (error) {
  console.error(`bench:guard: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
process.exit();
