import { parseArgs } from 'node:util';

import { type Peer, peers, reference } from './measure/peers.ts';
import { chooseWorkloads, type Workload } from './workloads.ts';

/** What the command line asks for. */
export interface BenchOptions {
  readonly mode: 'matrix' | 'micro' | 'growth' | 'workers' | 'profile' | 'report' | 'help';
  readonly workloads: readonly Workload[];
  readonly peers: readonly Peer[];
  readonly rounds: number;
  readonly seconds: number;
  readonly json: string | undefined;
  readonly minutes: number | undefined;
  readonly seed: number;
}

/** The text of `--help`. */
export const usage = `npm run bench [-- OPTIONS]

  --workloads A,B  only these (W1, W2-batch, …; W5 stands for W5a and W5b)
  --peers A,B      only hawser and these beside ${reference}, to which all is a ratio
  --rounds N       measure each peer N times in turn (default 5)
  --seconds N      how long each time (default 1.5)
  --json FILE      write the figures there
  --minutes N      stay within N minutes: the workloads in the order of the seed
  --seed N         repeat payloads and order with this seed (default 1)
  --micro          the pieces of the library by themselves, in this process
  --growth         how memory and time grow with connections, subscribers and sizes
  --workers        what a second worker gives, with the load generator on the same cores
  --profile        where hawser's CPU time goes in each workload
  --report         write docs/performance.md from bench/results
  --help           this text`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const options = {
  workloads: text,
  peers: text,
  rounds: text,
  seconds: text,
  json: text,
  minutes: text,
  seed: text,
  micro: flag,
  growth: flag,
  workers: flag,
  profile: flag,
  report: flag,
  help: flag,
};

const modes = ['micro', 'growth', 'workers', 'profile', 'report', 'help'] as const;

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new TypeError(`${option}: not ${text}`);
  return value;
}

const listOf = (text: string | undefined): string[] =>
  (text ?? '').split(',').filter((name) => name !== '');

/** Picks peers; the reference and hawser are always there. */
export function choosePeers(names: readonly string[]): readonly Peer[] {
  if (names.length === 0) return peers;
  for (const name of names) {
    if (peers.some((peer) => peer.name === name)) continue;
    const all = peers.map((peer) => peer.name).join(', ');
    throw new TypeError(`--peers: no ${name}; there are: ${all}`);
  }
  return peers.filter(({ name }) => [...names, 'hawser', reference].includes(name));
}

/** Reads the command line; wrong arguments throw. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({ args: [...args], options });
  const { minutes } = values;
  return {
    mode: modes.find((mode) => values[mode] === true) ?? 'matrix',
    workloads: chooseWorkloads(listOf(values.workloads)),
    peers: choosePeers(listOf(values.peers)),
    rounds: Math.ceil(positive('--rounds', values.rounds ?? '5')),
    seconds: positive('--seconds', values.seconds ?? '1.5'),
    json: values.json,
    minutes: minutes === undefined ? undefined : positive('--minutes', minutes),
    seed: Math.ceil(positive('--seed', values.seed ?? '1')),
  };
}
