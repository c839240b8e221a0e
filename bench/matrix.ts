import { Random } from './load/random.ts';
import { Contest, type ContestResult } from './measure/contest.ts';
import type { BenchOptions } from './options.ts';
import {
  type Matrix,
  origin,
  summarise,
  type WorkloadFigures,
  writeResults,
} from './report/results.ts';
import { workloadTable } from './report/table.ts';
import type { Workload } from './workloads.ts';

/** Shows on a terminal which round goes on. */
function showRound(workload: Workload, rounds: number, round: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${workload.id}: round ${round} of ${rounds} `);
  if (process.stderr.isTTY && round === rounds) process.stderr.write('\r');
}

/** Measures one workload. */
export async function measure(
  workload: Workload,
  options: BenchOptions,
): Promise<readonly [WorkloadFigures, ContestResult]> {
  const contest = new Contest(workload, options);
  const result = await contest.run(options.peers, (round) =>
    showRound(workload, options.rounds, round),
  );
  return [summarise(workload, result), result];
}

/** Measures workloads and prints each as it is done; gives those there was no time for. */
async function measureAll(
  options: BenchOptions,
  done: (figures: WorkloadFigures, versions: Record<string, string>) => void,
): Promise<readonly Workload[]> {
  const { minutes, seed, workloads } = options;
  const end = minutes === undefined ? Infinity : minutes * 60_000 * 0.9;
  const left = minutes === undefined ? [...workloads] : new Random(seed).shuffled(workloads);
  let longest = 0;
  for (;;) {
    const workload = performance.now() + longest < end ? left.shift() : undefined;
    if (workload === undefined) return left;
    const began = performance.now();
    const [figures, { courses }] = await measure(workload, options);
    longest = Math.max(longest, performance.now() - began);
    console.log(`${workloadTable(figures)}\n`);
    done(figures, Object.fromEntries(courses.map(({ peer, version }) => [peer, version])));
  }
}

/** Runs the matrix of workloads and peers; false when hawser has no figures somewhere. */
export async function runMatrix(options: BenchOptions, args: readonly string[]): Promise<boolean> {
  const { rounds, seconds, seed, json } = options;
  const from = origin(args);
  const { pinning, cpu, node } = from.machine;
  console.log(`${cpu}, Node ${node}; ${pinning}; ${rounds} rounds of ${seconds} s, seed ${seed}\n`);
  const versions: Record<string, string> = {};
  const measured: WorkloadFigures[] = [];
  const write = (): void => {
    const workloads = options.workloads.flatMap(
      ({ id }) => measured.find((figures) => figures.id === id) ?? [],
    );
    const matrix: Matrix = { kind: 'matrix', ...from, rounds, seconds, seed, versions, workloads };
    if (json !== undefined) writeResults(json, matrix);
  };
  const left = await measureAll(options, (figures, found) => {
    Object.assign(versions, found);
    measured.push(figures);
    write();
  });
  if (left.length > 0) console.log(`no time for: ${left.map(({ id }) => id).join(' ')}`);
  return measured.every(({ peers }) => peers.some(({ peer }) => peer === 'hawser'));
}
