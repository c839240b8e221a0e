import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

import { root } from './root.ts';
import { builtFile, listFiles } from './sources.ts';

/** The folders whose tests must come out the same every time. */
const folders = ['test/protocol', 'test/handshake', 'test/connection'];

/** Seconds that one run of them all may take on a machine with nothing else to do. */
const wantedSeconds = 30;

const usage = `npm run repeats [-- OPTIONS]

  --times N        how often the tests run (default 50, with CI set 5)
  --help           this text`;

/** Keeps every core but one busy for as long as the process lives. */
function keepBusy(): number {
  const count = Math.max(1, availableParallelism() - 1);
  for (let i = 0; i < count; i += 1) {
    new Worker('for (;;) Math.sqrt(Math.random());', { eval: true }).unref();
  }
  return count;
}

interface Run {
  readonly seconds: number;
  readonly tests: number;
  readonly failures: readonly string[];
}

/** Reads the names of failed tests out of a TAP report, those of their groups left out. */
function failedTests(tap: string): string[] {
  const lines = tap.split('\n');
  const isGroup = (index: number): boolean =>
    lines.slice(index + 1, index + 12).some((line) => /failureType: 'subtestsFailed'/.test(line));
  return lines.flatMap((line, index) => {
    const name = /^\s*not ok \d+ - (.*)$/.exec(line)?.[1];
    return name === undefined || isGroup(index) ? [] : [name];
  });
}

async function runOnce(files: readonly string[]): Promise<Run> {
  const began = performance.now();
  const args = ['--test', '--test-timeout=240000', '--test-reporter=tap', ...files.map(builtFile)];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => void pieces.push(piece));
  const [code] = (await once(child, 'close')) as [number | null];
  const tap = Buffer.concat(pieces).toString();
  const failures = failedTests(tap);
  if (code !== 0 && failures.length === 0) failures.push(`the run itself (exit code ${code})`);
  const tests = Number(/^# tests (\d+)$/m.exec(tap)?.[1] ?? 0);
  return { seconds: (performance.now() - began) / 1_000, tests, failures };
}

function readTimes(): number {
  const { values } = parseArgs({
    options: { times: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    console.log(usage);
    process.exit();
  }
  const times = Number(values.times ?? (process.env['CI'] ? 5 : 50));
  if (Number.isInteger(times) && times > 0) return times;
  throw new TypeError(`--times: a whole number from 1, not ${values.times}`);
}

async function main(): Promise<void> {
  const times = readTimes();
  const files = listFiles(folders, '.test.ts');
  const busy = keepBusy();
  console.log(`${files.length} test files, ${times} times, ${busy} of the cores kept busy`);
  const flaky = new Map<string, number>();
  let passed = 0;
  let slowest = 0;
  for (let run = 1; run <= times; run += 1) {
    const { seconds, tests, failures } = await runOnce(files);
    slowest = Math.max(slowest, seconds);
    if (failures.length === 0) passed += 1;
    console.log(`run ${run}: ${tests} tests, ${failures.length} failed (${seconds.toFixed(1)} s)`);
    for (const name of failures) {
      console.log(`  failed: ${name}`);
      flaky.set(name, (flaky.get(name) ?? 0) + 1);
    }
  }
  console.log(`slowest run ${slowest.toFixed(1)} s (${wantedSeconds} s wanted on a free machine)`);
  for (const [name, count] of flaky) console.log(`failed ${count} of ${times} times: ${name}`);
  console.log(`${passed} passed, ${times - passed} failed`);
  process.exit(passed === times ? 0 : 1);
}

await main();
