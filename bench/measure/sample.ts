import type { LoadFigures } from '../load/plan.ts';
import { loadAverage } from '../setup/machine.ts';
import type { Usage } from './peer-process.ts';

/** What one round of one peer came to. */
export interface Sample {
  /** CPU time in microseconds for each message, or memory in KiB for each connection. */
  readonly cost: number;
  /** The part of the CPU time that the kernel took, from 0 to 1. */
  readonly kernel?: number;
  /** Messages a second by the clock on the wall. */
  readonly throughput?: number;
  /** Milliseconds from sending a message to its return. */
  readonly p50?: number | undefined;
  readonly p99?: number | undefined;
  /** Resident memory of the process in MiB. */
  readonly rss: number;
  /** The machine's load average of the last minute. */
  readonly load: number;
}

/** The CPU time of each message between two readings. */
export function cpuSample(before: Usage, after: Usage, figures: LoadFigures): Sample {
  const { messages, seconds, p50, p99 } = figures;
  return {
    cost: (after.cpu - before.cpu) / messages,
    kernel: (after.kernel - before.kernel) / (after.cpu - before.cpu),
    throughput: messages / seconds,
    p50,
    p99,
    rss: after.rss / 2 ** 20,
    load: loadAverage(),
  };
}

/** The memory of each connection between two readings. */
export function memorySample(before: Usage, after: Usage, connections: number): Sample {
  return {
    cost: (after.rss - before.rss) / 1_024 / connections,
    rss: after.rss / 2 ** 20,
    load: loadAverage(),
  };
}
