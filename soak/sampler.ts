import process from 'node:process';

import { median } from './statistics.ts';

/** What a process holds, after forced collection: bytes, and counts of resources. */
export interface Sample {
  readonly heap: number;
  readonly external: number;
  readonly timers: number;
  readonly sockets: number;
}

/** The medians of one block. */
export interface Block extends Sample {
  /** Seconds since the measuring began, at the middle of the block. */
  readonly at: number;
}

/** What is measured. */
export const quantities = ['heap', 'external', 'timers', 'sockets'] as const;

/** The most samples for one median. */
const mostSamples = 9;

/** Seconds between two samples at least: collecting too often would itself be the load. */
const leastInterval = 3;

/** Measures this process; it must run with `--expose-gc`. */
export function takeSample(): Sample {
  // Twice: native memory of what the first one finds is given back by the second at the earliest.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const count = (name: RegExp): number => resources.filter((one) => name.test(one)).length;
  return {
    heap: heapUsed,
    external,
    timers: count(/^(?:Timeout|Immediate)$/),
    sockets: count(/^(?:TCPSocketWrap|TLSWrap)$/),
  };
}

/** Measures this process until the returned function is called, and hands over each block's medians. */
export function startSampling(blockSeconds: number, emit: (block: Block) => void): () => void {
  const samplesPerBlock = Math.min(mostSamples, Math.floor(blockSeconds / leastInterval));
  let samples: Sample[] = [];
  let blocks = 0;
  const timer = setInterval(
    () => {
      samples.push(takeSample());
      if (samples.length < samplesPerBlock) return;
      const middle = (quantity: (typeof quantities)[number]): number =>
        median(samples.map((sample) => sample[quantity]));
      emit({
        at: (blocks + 0.5) * blockSeconds,
        heap: middle('heap'),
        external: middle('external'),
        timers: middle('timers'),
        sockets: middle('sockets'),
      });
      blocks += 1;
      samples = [];
    },
    (blockSeconds * 1_000) / samplesPerBlock,
  );
  return () => clearInterval(timer);
}
