import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import type { Absent, ContestResult, Course } from '../measure/contest.ts';
import { reference } from '../measure/peers.ts';
import { median, ratios, type Spread, spreadOf } from '../measure/statistics.ts';
import { type Machine, machine } from '../setup/machine.ts';
import type { Workload } from '../workloads.ts';

/** What one peer reached in one workload: medians over the rounds. */
export interface PeerFigures {
  readonly peer: string;
  /** To the reference in the same round: how many times as cheap, or how much of its memory. */
  readonly ratio: Spread | undefined;
  /** CPU time in microseconds for each message, or memory in KiB for each connection. */
  readonly cost: Spread;
  /** The part of the CPU time that the kernel took, from 0 to 1. */
  readonly kernel: number | undefined;
  /** Messages a second by the clock on the wall. */
  readonly throughput: number | undefined;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  /** Resident memory of the process in MiB. */
  readonly rss: number;
  /** The machine's load average at the end of each round. */
  readonly load: readonly number[];
}

/** One row of the matrix, measured. */
export interface WorkloadFigures {
  readonly id: string;
  readonly title: string;
  readonly measures: 'cpu' | 'memory';
  readonly peers: readonly PeerFigures[];
  readonly absent: readonly Absent[];
}

/** Where figures come from. */
export interface Origin {
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
}

/** A file of bench/results. */
export interface Matrix extends Origin {
  readonly kind: 'matrix';
  readonly rounds: number;
  readonly seconds: number;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly workloads: readonly WorkloadFigures[];
}

/** Says when, where and by what command a run measures. */
export function origin(args: readonly string[]): Origin {
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  return { date: new Date().toISOString(), command, machine: machine() };
}

function middle(course: Course, key: 'kernel' | 'throughput' | 'p50' | 'p99'): number | undefined {
  const values = course.samples.flatMap((sample) => sample[key] ?? []);
  return values.length === 0 ? undefined : median(values);
}

/** Sums up the rounds of a workload. */
export function summarise(workload: Workload, { courses, absent }: ContestResult): WorkloadFigures {
  const { id, title, measures } = workload;
  const costs = (course: Course | undefined): number[] =>
    course?.samples.map(({ cost }) => cost) ?? [];
  const base = costs(courses.find(({ peer }) => peer === reference));
  const peers = courses.map((course): PeerFigures => {
    const own = costs(course);
    const ratio = measures === 'cpu' ? ratios(base, own) : ratios(own, base);
    return {
      peer: course.peer,
      ratio: ratio.length === 0 ? undefined : spreadOf(ratio),
      cost: spreadOf(own),
      kernel: middle(course, 'kernel'),
      throughput: middle(course, 'throughput'),
      p50: middle(course, 'p50'),
      p99: middle(course, 'p99'),
      rss: median(course.samples.map(({ rss }) => rss)),
      load: course.samples.map(({ load }) => load),
    };
  });
  return { id, title, measures, peers, absent };
}

/** Writes figures, cut to what they can tell. */
export function writeResults(file: string, results: Origin): void {
  const path = resolve(file);
  mkdirSync(dirname(path), { recursive: true });
  const cut = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
  writeFileSync(path, `${JSON.stringify(results, cut, 2)}\n`);
}
