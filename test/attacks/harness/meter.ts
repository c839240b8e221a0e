import { performance } from 'node:perf_hooks';

import { onOwnWork } from './own-work.ts';
import type { Stage } from './stage.ts';

/** Milliseconds between two looks at the event loop. */
const RESOLUTION = 10;

/** How a server answered others over a while, in milliseconds. */
export interface Times {
  readonly canaryP99: number;
  readonly canaryMax: number;
  /** The longest time for which the event loop stood still and the process was at work. */
  readonly block: number;
}

/** Measures how canaries fare, and for how long the event loop stands still. */
export class Meter {
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;
  #seenAt = 0;
  #cpu = process.cpuUsage();
  #block = 0;
  /** Whether the attacker's own work fell between two looks. */
  #excused = false;

  constructor() {
    this.#stop = onOwnWork({ begin: () => (this.#excused = true), end: () => {} });
  }

  /** Begins anew with what these canaries do from now on. */
  begin(stages: readonly Stage[]): void {
    for (const canary of stages.flatMap((stage) => stage.canaries)) canary.latencies();
    this.#block = 0;
    this.#excused = true;
    this.#timer ??= setInterval(() => this.#look(), RESOLUTION);
  }

  /** What was measured since `begin`. */
  end(stages: readonly Stage[]): Times {
    this.close();
    const latencies = stages.flatMap((stage) => stage.canaries.flatMap((one) => one.latencies()));
    const sorted = latencies.toSorted((a, b) => a - b);
    return {
      canaryP99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      canaryMax: sorted.at(-1) ?? 0,
      block: this.#block,
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Ends for good. */
  dispose(): void {
    this.close();
    this.#stop();
  }

  /** On a shared machine a process stands still when others run, but then it uses no CPU time. */
  #look(): void {
    const now = performance.now();
    const cpu = process.cpuUsage();
    const late = now - this.#seenAt - RESOLUTION;
    const used = (cpu.user - this.#cpu.user + cpu.system - this.#cpu.system) / 1_000;
    if (!this.#excused) this.#block = Math.max(this.#block, Math.min(late, used));
    this.#excused = false;
    this.#seenAt = now;
    this.#cpu = cpu;
  }
}
