import type { LoadPlan } from '../load/plan.ts';
import { LoadProcess } from '../measure/load-process.ts';
import { type Running, startPeer } from '../measure/peer-process.ts';
import type { Peer } from '../measure/peers.ts';
import { rounded, type Spread, spreadOf } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import { type Origin, origin, writeResults } from '../report/results.ts';
import { columns } from '../report/table.ts';
import { chooseWorkloads, type Workload } from '../workloads.ts';

/** What so many workers reached in one workload. */
export interface WorkersPoint {
  readonly workload: string;
  readonly workers: number;
  /** Messages a second by the clock on the wall. */
  readonly throughput: Spread;
  /** CPU time in microseconds for each message, of all processes of the server. */
  readonly server: Spread;
  /** The same of the load generator, which works on the same cores. */
  readonly generator: Spread;
}

/** A file of bench/results. */
export interface WorkersResults extends Origin {
  readonly kind: 'workers';
  readonly rounds: number;
  readonly seconds: number;
  readonly points: readonly WorkersPoint[];
}

/** How many workers are compared. */
const counts = [1, 2] as const;
/** Many small messages, and few that cost the server much more than the generator. */
const measured = ['W1', 'W2-batch', 'W8-fresh'];
const warmUp = 1;

/** One number of workers in one workload, round by round. */
class Team {
  readonly workers: number;
  readonly #plan: LoadPlan;
  readonly #running: Running;
  // On all cores: what is left of them is the server's.
  readonly #load = new LoadProcess(undefined);
  readonly #rounds: { throughput: number; server: number; generator: number }[] = [];

  constructor(workers: number, plan: LoadPlan, running: Running) {
    this.workers = workers;
    this.#plan = plan;
    this.#running = running;
  }

  async verify(): Promise<void> {
    await this.#load.open({ ...this.#plan, connections: 1 } as LoadPlan, this.#target);
    await this.#load.verify();
    await this.#load.close();
  }

  async round(seconds: number): Promise<void> {
    const { process: server } = this.#running;
    await this.#load.open(this.#plan, this.#target);
    await this.#load.run(warmUp);
    const before = await server.usage();
    const { messages, seconds: took, cpu = NaN } = await this.#load.run(seconds);
    const after = await server.usage();
    await this.#load.close();
    this.#rounds.push({
      throughput: messages / took,
      server: (after.cpu - before.cpu) / messages,
      generator: cpu / messages,
    });
  }

  point(workload: string): WorkersPoint {
    const of = (key: 'throughput' | 'server' | 'generator'): Spread =>
      spreadOf(this.#rounds.map((round) => round[key]));
    const { workers } = this;
    const [throughput, server, generator] = [of('throughput'), of('server'), of('generator')];
    return { workload, workers, throughput, server, generator };
  }

  stop(): void {
    this.#running.process.stop();
    this.#load.stop();
  }

  get #target(): { port: number; raw: boolean } {
    return { port: this.#running.port, raw: false };
  }
}

async function measureWorkload(
  { id, plan }: Workload,
  hawser: Peer,
  { rounds, seconds, seed }: BenchOptions,
): Promise<WorkersPoint[]> {
  const deflate = plan.kind === 'echo' ? plan.deflate : undefined;
  const teams: Team[] = [];
  try {
    for (const workers of counts) {
      const settings = { workers, ...(deflate !== undefined && { deflate }) };
      const running = await startPeer(hawser, 'server', settings);
      teams.push(new Team(workers, { ...plan, seed }, running));
    }
    for (const team of teams) await team.verify();
    for (let round = 0; round < rounds; round += 1) {
      for (const team of teams) await team.round(seconds);
    }
    return teams.map((team) => team.point(id));
  } finally {
    for (const team of teams) team.stop();
  }
}

const cell = ({ median, min, max }: Spread): string =>
  `${rounded(median)} (${rounded(min)}–${rounded(max)})`;

/** The table of all that was measured, row by row. */
export function workersRows(points: readonly WorkersPoint[]): string[][] {
  const rows = points.map(({ workload, workers, throughput, server, generator }) => {
    const alone = points.find((point) => point.workload === workload && point.workers === 1);
    const busy = (throughput.median * (server.median + generator.median)) / 1e6;
    return [
      workload,
      String(workers),
      cell(throughput),
      alone === undefined ? '–' : rounded(throughput.median / alone.throughput.median),
      cell(server),
      cell(generator),
      rounded(busy),
    ];
  });
  const costs = ['server µs/message', 'generator µs/message', 'cores busy'];
  return [['workload', 'workers', 'messages/s', 'gain', ...costs], ...rows];
}

/** Measures what a second worker gives where the load generator takes its share of the cores. */
export async function runWorkers(options: BenchOptions, args: readonly string[]): Promise<boolean> {
  const hawser = options.peers.find(({ name }) => name === 'hawser');
  if (hawser === undefined) throw new Error('hawser is not among the peers');
  const { rounds, seconds, json } = options;
  const workloads = args.includes('--workloads') ? options.workloads : chooseWorkloads(measured);
  const points: WorkersPoint[] = [];
  for (const workload of workloads) {
    const { plan } = workload;
    if (plan.kind !== 'echo' || plan.tls === true) throw new TypeError(`no echo: ${workload.id}`);
    points.push(...(await measureWorkload(workload, hawser, options)));
  }
  const from = origin(args);
  const results: WorkersResults = {
    kind: 'workers',
    ...from,
    machine: { ...from.machine, pinning: 'server and load on all cores' },
    rounds,
    seconds,
    points,
  };
  console.log(columns(workersRows(points)));
  if (json !== undefined) writeResults(json, results);
  return true;
}
