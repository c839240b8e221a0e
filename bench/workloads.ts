import type { EchoPlan, LoadPlan } from './load/plan.ts';
import type { Peer } from './measure/peers.ts';

type Plan = LoadPlan extends infer Each
  ? Each extends LoadPlan
    ? Omit<Each, 'seed'>
    : never
  : never;

/** One row of the matrix. */
export interface Workload {
  readonly id: string;
  readonly title: string;
  readonly plan: Plan;
  /** What is compared: CPU time of each message, or memory of each connection. */
  readonly measures: 'cpu' | 'memory';
}

const echo = (plan: Omit<EchoPlan, 'kind' | 'seed' | 'type'>): Plan => ({
  kind: 'echo',
  type: 'binary',
  ...plan,
});
const one = echo({ connections: 64, inFlight: 1, size: 32 });
const many = echo({ connections: 64, inFlight: 64, size: 32 });
const json = { kind: 'echo', type: 'text', size: 1_024, inFlight: 1 } as const;

const cpu = (id: string, title: string, plan: Plan): Workload => ({
  id,
  title,
  plan,
  measures: 'cpu',
});
const memory = (id: string, title: string, plan: Plan): Workload => ({
  id,
  title,
  plan,
  measures: 'memory',
});

/** All workloads, in the order of the tables. */
export const workloads: readonly Workload[] = [
  cpu('W1', 'echo, 64 connections, one message of 32 B under way on each', one),
  cpu('W2', 'echo, 64 connections, 64 messages of 32 B under way on each', many),
  cpu('W2-batch', 'the same, but the next 64 wait for the last 64', {
    ...many,
    batch: true,
  } as Plan),
  cpu('W3', 'echo, 64 connections, 16 KiB', echo({ connections: 64, inFlight: 1, size: 16_384 })),
  cpu('W4', 'echo, 4 connections, 1 MiB', echo({ connections: 4, inFlight: 1, size: 1_048_576 })),
  cpu('W5a', 'fan-out of 64 B to 1,000 subscribers, one message at a time', {
    kind: 'fan-out',
    subscribers: 1_000,
    burst: 1,
    size: 64,
  }),
  cpu('W5b', 'fan-out of 64 B to 1,000 subscribers, bursts of 16', {
    kind: 'fan-out',
    subscribers: 1_000,
    burst: 16,
    size: 64,
  }),
  memory(
    'W6',
    'memory of an idle connection, 5,000 of them, after one echo each',
    echo({ connections: 5_000, inFlight: 1, size: 32 }),
  ),
  cpu('W7', 'opening handshakes, 32 at a time', { kind: 'handshakes', concurrency: 32 }),
  cpu('W8-fresh', 'echo of 1 KiB of JSON, compressed, no context takeover', {
    ...json,
    connections: 64,
    deflate: 'fresh',
  }),
  cpu('W8-takeover', 'echo of 1 KiB of JSON, compressed, with context takeover', {
    ...json,
    connections: 64,
    deflate: 'takeover',
  }),
  memory('W8-memory-fresh', 'memory of a connection, compression without context takeover', {
    ...json,
    connections: 1_000,
    deflate: 'fresh',
  }),
  memory('W8-memory-takeover', 'memory of a connection, compression with context takeover', {
    ...json,
    connections: 1_000,
    deflate: 'takeover',
  }),
  cpu('W9-binary', 'client receiving 32 B, binary', { kind: 'stream', type: 'binary', size: 32 }),
  cpu('W9-text', 'client receiving 32 B, text as string', {
    kind: 'stream',
    type: 'text',
    size: 32,
  }),
  cpu('W9-16KiB', 'client receiving 16 KiB, binary', {
    kind: 'stream',
    type: 'binary',
    size: 16_384,
  }),
  cpu('W10-W1', 'W1 over TLS', { ...one, tls: true }),
  cpu('W10-W2', 'W2 over TLS', { ...many, tls: true }),
];

/** The role of the measured side. */
export function roleOf({ plan }: Workload): 'server' | 'client' {
  return plan.kind === 'stream' ? 'client' : 'server';
}

/** Why a peer has no part in a workload; undefined when it has, '' when it goes without saying. */
export function unfit(workload: Workload, peer: Peer): string | undefined {
  const { plan } = workload;
  if (peer[roleOf(workload)] === undefined) return '';
  if (peer.handshakesOnly === true && plan.kind !== 'handshakes') return '';
  const compressed = plan.kind === 'echo' && plan.deflate !== undefined;
  if (compressed && peer.deflate !== true) return 'its server has no permessage-deflate';
  return undefined;
}

/** Picks workloads by their names, or by the beginning of several names. */
export function chooseWorkloads(names: readonly string[]): readonly Workload[] {
  if (names.length === 0) return workloads;
  const chosen = names.flatMap((name) => {
    const wanted = name.toLowerCase();
    const exact = workloads.filter(({ id }) => id.toLowerCase() === wanted);
    const like = new RegExp(`^${wanted.replaceAll(/[^\w-]/g, '')}(?!\\d)`);
    const found =
      exact.length > 0 ? exact : workloads.filter(({ id }) => like.test(id.toLowerCase()));
    if (found.length > 0) return found;
    const all = workloads.map(({ id }) => id).join(', ');
    throw new TypeError(`--workloads: no ${name}; there are: ${all}`);
  });
  return workloads.filter((workload) => chosen.includes(workload));
}
