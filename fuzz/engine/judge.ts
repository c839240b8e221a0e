import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { Run, Target } from './target.ts';
import { differenceOf, type Trace } from './trace.ts';

/** What may be wrong with a target: it threw, took long, kept memory, or minded the cuts. */
export type FaultKind = 'crash' | 'hang' | 'growth' | 'cuts';

/** What is wrong, in words, and how the stream was cut. */
export interface Fault {
  readonly kind: FaultKind;
  readonly detail: string;
  readonly cuts: readonly number[];
}

/** What came of an input: its trace when whole, and the first fault. */
export interface Verdict {
  readonly trace: Trace;
  readonly fault: Fault | undefined;
}

/** What counts as a fault. */
export interface Limits {
  /** CPU time of one run, in milliseconds. */
  readonly cpu: number;
  /** Memory kept after one run, in bytes. */
  readonly growth: number;
  /** Time after which a run that waits for something is given up, in milliseconds. */
  readonly patience: number;
}

/** 100 ms of CPU time, 1 MiB, 10 s. */
export const defaultLimits: Limits = { cpu: 100, growth: 1 << 20, patience: 10_000 };

/** How often a fault that depends on the machine must be seen again. */
const RERUNS = 3;
const RAREST_LOOK = 31;

interface Measured {
  readonly run: Run | undefined;
  readonly crash: unknown;
  readonly cpu: number;
  readonly growth: number;
}

let collect: (() => void) | undefined;

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  collect ??= runInNewContext('gc') as () => void;
  const once = collect;
  // Buffers that one collection finds are let go by the next one at the latest.
  return () => {
    once();
    once();
  };
}

function memoryInUse(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What an exception says, with the place it came from. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const place = error.stack?.split('\n').find((line) => line.trimStart().startsWith('at '));
  return `${error.name}: ${error.message}${place === undefined ? '' : ` ${place.trim()}`}`;
}

/** Runs a target and finds out what is wrong. An exception outside of a run is the current input's. */
export class Judge {
  readonly #target: Target;
  readonly #limits: Limits;
  #onStray: ((error: unknown) => void) | undefined;
  /** Threw outside of all runs, since the last one. */
  #late: unknown;
  #suspicions = 0;
  #innocent = 0;
  /** Runs so far. */
  executions = 0;

  constructor(target: Target, limits: Limits = defaultLimits) {
    this.#target = target;
    this.#limits = limits;
  }

  /** Takes an exception that nobody caught. */
  readonly stray = (error: unknown): void => {
    this.#late = error;
    this.#onStray?.(error);
  };

  /** Runs the input whole, then cut in each of these ways. */
  async judge(input: Uint8Array, ways: readonly (readonly number[])[]): Promise<Verdict> {
    const whole = await this.#attempt(input, []);
    const trace = whole.run?.trace ?? [];
    const fault = await this.#faultOf(whole, input, []);
    if (fault !== undefined) return { trace, fault };
    for (const cuts of ways) {
      const cut = await this.#attempt(input, cuts);
      const found = (await this.#faultOf(cut, input, cuts)) ?? compare(trace, cut, cuts);
      if (found !== undefined) return { trace, fault: found };
    }
    return { trace, fault: undefined };
  }

  async #faultOf(
    measured: Measured,
    input: Uint8Array,
    cuts: readonly number[],
  ): Promise<Fault | undefined> {
    const { crash, cpu, growth, run } = measured;
    if (run === undefined) return { kind: 'crash', detail: describeError(crash), cuts };
    const slow = cpu > this.#limits.cpu && (await this.#seenAgain(input, cuts, false));
    if (slow) return { kind: 'hang', detail: `${Math.round(cpu)} ms of CPU time`, cuts };
    const grown = growth > this.#limits.growth && (await this.#keeps(input, cuts));
    if (grown) return { kind: 'growth', detail: `${Math.round(growth / 1024)} KiB kept`, cuts };
    return undefined;
  }

  /** Collecting garbage takes long: a target that makes much of it is looked at less often. */
  async #keeps(input: Uint8Array, cuts: readonly number[]): Promise<boolean> {
    const every = 1 + Math.min(this.#innocent, RAREST_LOOK);
    if (this.#suspicions++ % every !== 0) return false;
    const grown = await this.#seenAgain(input, cuts, true);
    this.#innocent = grown ? 0 : this.#innocent + 1;
    return grown;
  }

  /** Memory is looked at again after everything that can go has gone. */
  async #seenAgain(input: Uint8Array, cuts: readonly number[], memory: boolean): Promise<boolean> {
    for (let rerun = 0; rerun < RERUNS; rerun++) {
      const { cpu, growth } = await this.#cost(input, cuts, memory ? collector() : undefined);
      const { cpu: mostCpu, growth: mostGrowth } = this.#limits;
      if (memory ? growth <= mostGrowth : cpu <= mostCpu) return false;
    }
    return true;
  }

  /** Figures alone: a run that is still held from the last time would be let go during this one. */
  async #cost(
    input: Uint8Array,
    cuts: readonly number[],
    tidy: (() => void) | undefined,
  ): Promise<Pick<Measured, 'cpu' | 'growth'>> {
    const { cpu, growth } = await this.#attempt(input, cuts, tidy);
    return { cpu, growth };
  }

  async #attempt(
    input: Uint8Array,
    cuts: readonly number[],
    tidy: () => void = () => {},
  ): Promise<Measured> {
    this.executions++;
    tidy();
    const [memory, began] = [memoryInUse(), cpuMilliseconds()];
    let [run, crash]: [Run | undefined, unknown] = [undefined, undefined];
    try {
      const result = this.#target.run(Uint8Array.from(input), cuts);
      run = result instanceof Promise ? await this.#settled(result) : result;
      if (this.#late !== undefined) [run, crash] = [undefined, this.#late];
    } catch (error) {
      crash = error;
    }
    this.#late = undefined;
    const cpu = cpuMilliseconds() - began;
    tidy();
    const growth = memoryInUse() - memory;
    // What is given back holds the subject alive while memory is looked at.
    return { run, crash, cpu, growth };
  }

  async #settled(result: Promise<Run>): Promise<Run> {
    let timer: NodeJS.Timeout | undefined;
    const broken = new Promise<never>((_, reject) => {
      this.#onStray = reject;
      const { patience } = this.#limits;
      const late = (): void => reject(new Error(`nothing happened for ${patience} ms`));
      timer = setTimeout(late, patience);
    });
    try {
      return await Promise.race([result, broken]);
    } finally {
      clearTimeout(timer);
      this.#onStray = undefined;
    }
  }
}

function compare(trace: Trace, { run }: Measured, cuts: readonly number[]): Fault | undefined {
  const difference = differenceOf(trace, run?.trace ?? []);
  return difference === undefined ? undefined : { kind: 'cuts', detail: difference, cuts };
}
