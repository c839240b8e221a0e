import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

import { writeFinding } from './findings.ts';
import { Progress, type WatchdogSettings } from './watchdog.ts';

const LOOK_EVERY = 500;
const STANDARD_OUTPUT = 1;

const { memory, folder, seed, limit } = workerData as WatchdogSettings;
const progress = new Progress(memory);
let target = '';
let count = -1;
let began = 0;

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function report(): void {
  const input = Buffer.from(progress.input).toString('hex');
  const detail = `did not end within ${limit} ms of CPU time`;
  const name = writeFinding(folder, { target, kind: 'hang', detail, seed, input, cuts: [] });
  writeSync(STANDARD_OUTPUT, `${target}: hang, ${detail}: ${name} (seed ${seed})\n`);
  writeSync(STANDARD_OUTPUT, '\n0 passed, 1 failed\n');
}

function look(): void {
  const now = progress.count;
  if (now !== count || target === '') {
    [count, began] = [now, cpuMilliseconds()];
  } else if (cpuMilliseconds() - began > limit) {
    report();
    // The thread that hangs can be stopped in no other way.
    process.kill(process.pid, 'SIGKILL');
  }
}

parentPort?.on('message', (name: string) => (target = name));
setInterval(look, LOOK_EVERY);
