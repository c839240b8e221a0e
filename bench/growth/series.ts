import { execSync } from 'node:child_process';

import type { Workload } from '../workloads.ts';

/** What a quantity is measured against. */
export interface Series {
  readonly id: string;
  readonly title: string;
  /** What grows, and what is measured. */
  readonly x: string;
  readonly y: string;
  readonly points: readonly (readonly [x: number, workload: Workload])[];
}

const MIB = 2 ** 20;

/** Connections of one run that move large messages, so that their sum stays the same. */
const connectionsFor = (size: number): number => Math.max(2, Math.min(64, (8 * MIB) / size));

function series(
  about: Omit<Series, 'points'>,
  values: readonly number[],
  measures: Workload['measures'],
  planFor: (x: number) => Workload['plan'],
): Series {
  const point = (x: number): readonly [number, Workload] => {
    const { id, title } = about;
    return [x, { id: `${id} ${x}`, title, plan: planFor(x), measures }];
  };
  return { ...about, points: values.map(point) };
}

const echoOver = (connections: number, size = 32): Workload['plan'] => ({
  kind: 'echo',
  type: 'binary',
  connections,
  size,
  inFlight: 1,
});

const many = [100, 1_000, 10_000];

/** Everything whose growth is measured over sockets. */
export const allSeries: readonly Series[] = [
  series(
    {
      id: 'memory',
      title: 'memory of an idle connection, after one echo each',
      x: 'connections',
      y: 'KiB/connection',
    },
    many,
    'memory',
    (connections) => echoOver(connections),
  ),
  series(
    {
      id: 'connections',
      title: 'CPU time of an echo of 32 B, one under way on each connection',
      x: 'connections',
      y: 'CPU µs/message',
    },
    many,
    'cpu',
    (connections) => echoOver(connections),
  ),
  series(
    {
      id: 'subscribers',
      title: 'CPU time of each delivery of a fan-out of 64 B',
      x: 'subscribers',
      y: 'CPU µs/delivery',
    },
    [10, ...many],
    'cpu',
    (subscribers) => ({ kind: 'fan-out', subscribers, burst: 1, size: 64 }),
  ),
  series(
    {
      id: 'size',
      title: 'CPU time of an echo by the size of the message',
      x: 'bytes',
      y: 'CPU µs/message',
    },
    [16, 256, 4_096, 65_536, MIB, 16 * MIB],
    'cpu',
    (size) => echoOver(connectionsFor(size), size),
  ),
];

/** How many sockets a process may have besides everything else. */
export function socketLimit(): number {
  if (process.platform === 'win32') return Infinity;
  const text = execSync('ulimit -n', { encoding: 'utf8', shell: '/bin/sh' }).trim();
  // A server of ours keeps a tenth of the descriptors for everything else.
  return text === 'unlimited' ? Infinity : Math.floor(Number(text) * 0.9) - 100;
}

/** How many sockets a point of a series takes on each side. */
export function socketsOf({ plan }: Workload): number {
  if (plan.kind === 'echo') return plan.connections;
  return plan.kind === 'fan-out' ? plan.subscribers + 1 : 0;
}
