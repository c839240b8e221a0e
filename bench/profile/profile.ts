import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startContender } from '../measure/contender.ts';
import { LoadProcess } from '../measure/load-process.ts';
import type { Peer } from '../measure/peers.ts';
import type { BenchOptions } from '../options.ts';
import { columns } from '../report/table.ts';
import { cores } from '../setup/pinning.ts';
import { roleOf, unfit, type Workload } from '../workloads.ts';
import { type CpuProfile, type Share, sharesOf } from './shares.ts';

/** Seconds that a profile takes; its start counts for little then. */
const seconds = 4;

/** Functions that are shown. */
const shown = 25;

const rowsOf = (shares: readonly Share[]): string[][] =>
  shares.map(({ name, part }) => [name, `${(part * 100).toFixed(1)} %`]);

/** Runs a workload with V8's profiler on; gives the kernel's part too. */
async function profile(
  workload: Workload,
  peer: Peer,
  seed: number,
): Promise<readonly [CpuProfile, number]> {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-profile-'));
  const load = new LoadProcess(cores.load);
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=500'];
  try {
    const contender = await startContender(workload, peer, load, seed, flags);
    const { kernel = 0 } = await contender.round(seconds, true);
    await contender.finish();
    const [file = ''] = readdirSync(folder);
    return [JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile, kernel];
  } finally {
    load.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Shows where hawser's time goes in each workload. */
export async function runProfile({ workloads, peers, seed }: BenchOptions): Promise<boolean> {
  const hawser = peers.find(({ name }) => name === 'hawser');
  if (hawser === undefined) throw new Error('hawser is not among the peers');
  for (const workload of workloads) {
    if (workload.measures !== 'cpu' || unfit(workload, hawser) !== undefined) continue;
    const [found, kernel] = await profile(workload, hawser, seed);
    const { groups, functions } = sharesOf(found);
    console.log(`${workload.id}: ${workload.title} (hawser as ${roleOf(workload)})`);
    console.log(`  the kernel took ${(kernel * 100).toFixed(0)} % of all CPU time`);
    console.log(columns(rowsOf(groups)));
    console.log(`\n${columns(rowsOf(functions.slice(0, shown)))}\n`);
  }
  return true;
}
