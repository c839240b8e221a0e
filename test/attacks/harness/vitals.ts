import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { ownWork } from './own-work.ts';
import { until } from './waiting.ts';

/** Bytes by which memory may have grown when an attack is over. */
const MEMORY_SLACK = 2 * 1_048_576;

/** What ended or was complained of in this process and must not: exceptions, rejections, warnings. */
const complaints: string[] = [];
const watched = ['uncaughtExceptionMonitor', 'unhandledRejection', 'warning'] as const;
for (const name of watched) {
  process.on(name, (problem: unknown) => {
    complaints.push(`${name}: ${problem instanceof Error ? problem.stack : String(problem)}`);
  });
}

/** Throws when the process had an exception, a rejection or a warning that nobody handled. */
export function assertQuiet(): void {
  assert.deepEqual(complaints.splice(0), []);
}

/** How many handles, timers and requests of each kind keep the process alive. */
export type Resources = ReadonlyMap<string, number>;

const passing = new Set(['Immediate', 'TickObject', 'CloseReq', 'ShutdownWrap']);

export function resources(): Resources {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (!passing.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** What there is more of, as text; empty when there is nothing. */
function surplus(baseline: Resources, now: Resources): string {
  return [...now]
    .filter(([name, count]) => count > (baseline.get(name) ?? 0))
    .map(([name, count]) => `${name} ${count}, not ${baseline.get(name) ?? 0}`)
    .join('; ');
}

/** Resolves when there are no more handles, timers and sockets than at the baseline. */
export function resourcesBack(baseline: Resources, ms = 2_000): Promise<void> {
  return until(
    () => surplus(baseline, resources()) === '',
    ms,
    () => `back at the baseline but for ${surplus(baseline, resources())}`,
  );
}

/** Memory after a forced collection, in bytes. */
export interface Memory {
  readonly heapUsed: number;
  readonly arrayBuffers: number;
  readonly rss: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects garbage twice and tells what is left. */
export function memory(): Memory {
  ownWork(() => {
    collect();
    collect();
  });
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heapUsed, arrayBuffers, rss };
}

/** Resolves when heap and buffers are back near the baseline. */
export async function memoryBack(baseline: Memory): Promise<Memory> {
  let now = memory();
  const isBack = () => {
    now = memory();
    return (
      now.heapUsed - baseline.heapUsed <= MEMORY_SLACK &&
      now.arrayBuffers - baseline.arrayBuffers <= MEMORY_SLACK
    );
  };
  await until(isBack, 2_000, () => {
    const heap = now.heapUsed - baseline.heapUsed;
    return `memory back, but heap ${heap} and buffers ${now.arrayBuffers - baseline.arrayBuffers}`;
  });
  return now;
}
