import { cpus, loadavg, release, totalmem, type as system } from 'node:os';

import { unpinned } from './pinning.ts';

/** The machine that figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** How the two sides were kept apart. */
  readonly pinning: string;
}

/** Describes this machine. */
export function machine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${system()} ${release()}, ${process.arch}`,
    node: process.version.slice(1),
    pinning:
      unpinned === undefined ? 'measured on core 0, load from core 1' : `not pinned: ${unpinned}`,
  };
}

/** The load average of the last minute. */
export function loadAverage(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}
