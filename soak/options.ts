import { execSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** What one run does; times in seconds. */
export interface Plan {
  readonly seed: number;
  readonly connections: number;
  /** Why there are fewer connections than wanted. */
  readonly reduced: string | undefined;
  readonly messagesPerSecond: number;
  readonly turnoverPerSecond: number;
  readonly attacksPerSecond: number;
  /** From the last connection's opening to the first measurement. */
  readonly warmUp: number;
  /** How long is measured. */
  readonly measured: number;
  /** The blocks whose medians make the trend. */
  readonly block: number;
}

/** The text of `--help`. */
export const usage = `npm run soak [-- OPTIONS]

  --minutes N      how long it runs, warm-up included (default 10)
  --seed N         repeat the traffic with this seed
  --help           this text`;

const wantedConnections = 2_000;
const messagesPerSecond = 2_000;

/** Each process needs a descriptor for every connection and some for everything else. */
function descriptorLimit(): number {
  if (process.platform === 'win32') return Infinity;
  const text = execSync('ulimit -n', { encoding: 'utf8', shell: '/bin/sh' }).trim();
  return text === 'unlimited' ? Infinity : Number(text);
}

function connectionsFor(minutes: number): Pick<Plan, 'connections' | 'reduced'> {
  const byTime = minutes < 2 ? Math.ceil((wantedConnections * minutes) / 2) : wantedConnections;
  const limit = descriptorLimit();
  const byDescriptors = Math.max(10, Math.floor(limit * 0.8) - 100);
  const connections = Math.min(wantedConnections, byTime, byDescriptors);
  if (connections === wantedConnections) return { connections, reduced: undefined };
  const reduced = connections === byTime ? `${minutes} minutes` : `${limit} descriptors`;
  return { connections, reduced };
}

/** Plans a run of this length: a tenth is warm-up, at least 20 s; the rest makes blocks. */
export function planFor(minutes: number, seed: number): Plan {
  const total = minutes * 60;
  const warmUp = Math.min(total / 2, Math.max(20, total / 10));
  const measured = total - warmUp;
  return {
    seed,
    ...connectionsFor(minutes),
    messagesPerSecond,
    turnoverPerSecond: 20,
    attacksPerSecond: messagesPerSecond / 100,
    warmUp,
    measured,
    block: Math.min(30, Math.max(3, measured / 8)),
  };
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new TypeError(`${option}: not ${text}`);
  return value;
}

/** Reads the command line; wrong arguments throw. */
export function readPlan(args: readonly string[]): Plan | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const minutes = positive('--minutes', values.minutes ?? '10');
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  return planFor(minutes, seed);
}
