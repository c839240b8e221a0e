import { baselineOf, lossOf, ratiosOf, tolerated } from './guarding/baseline.ts';
import { measure } from './matrix.ts';
import { type BenchOptions, parseOptions } from './options.ts';
import { readResults } from './report/report.ts';
import { installPeers } from './setup/install.ts';
import type { Workload } from './workloads.ts';

/** How often a loss must show before it counts. */
const repeats = 3;

/** A short run: some workloads of each kind, hawser beside the reference alone. */
const shortRun = ['--workloads', 'W1,W2-batch,W3,W5b,W6,W7,W8-fresh,W9-text', '--peers', 'ws'];
const shortRounds = ['--rounds', '3', '--seconds', '0.8'];

const percent = (part: number): string => `${(part * 100).toFixed(0)} %`;

/** Measures a workload until it holds its ratio, or has lost it every time. */
async function holds(
  workload: Workload,
  committed: number,
  options: BenchOptions,
): Promise<boolean> {
  for (let attempt = 1; attempt <= repeats; attempt += 1) {
    const [{ peers, absent }] = await measure(workload, options);
    const ratio = peers.find(({ peer }) => peer === 'hawser')?.ratio?.median;
    if (ratio === undefined)
      throw new Error(`${workload.id}: ${absent[0]?.reason ?? 'no figures'}`);
    const loss = lossOf(committed, ratio, workload.measures);
    const lost = loss > tolerated;
    const change = loss > 0 ? `${percent(loss)} worse` : `${percent(-loss)} better`;
    const numbers = `${ratio.toPrecision(3)}, committed ${committed.toPrecision(3)}`;
    console.log(`${lost ? 'LOST' : 'ok'}  ${workload.id}: ${numbers}, ${change}`);
    if (!lost) return true;
  }
  return false;
}

async function guard(args: readonly string[]): Promise<boolean> {
  const options = parseOptions([...shortRun, ...shortRounds, ...args]);
  const baseline = baselineOf(readResults().values(), process.versions.node);
  if (baseline === undefined) throw new Error('bench/results holds no matrix to compare with');
  const { date, machine } = baseline;
  console.log(`compared with the matrix of ${date.slice(0, 10)} on Node ${machine.node}`);
  await installPeers();
  const committed = ratiosOf(baseline);
  let passed = 0;
  const failed: string[] = [];
  for (const workload of options.workloads) {
    const ratio = committed.get(workload.id);
    if (ratio === undefined) console.log(`–   ${workload.id}: not in the matrix`);
    else if (await holds(workload, ratio, options)) passed += 1;
    else failed.push(workload.id);
  }
  if (failed.length > 0) console.log(`lost more than ${percent(tolerated)}: ${failed.join(' ')}`);
  console.log(`${passed} passed, ${failed.length} failed`);
  return failed.length === 0 && passed > 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  process.exitCode = (await guard(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  console.error(`bench:guard: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
process.exit();
