import {
  integer,
  opaque,
  resolveOptions,
  type Rule,
  type Rules,
  text,
  wrongType,
} from '../connection/options/option-rules.ts';
import type { Clock } from '../connection/timing/clock.ts';
import { type Faults, faultsRule, noFaults, type ResolvedFaults } from './faults.ts';

/** Options of a fault proxy. */
export interface FaultProxyOptions {
  /** Where to forward to: a URL with a port, or a port of 127.0.0.1. */
  readonly target: string | number;
  /** What all that is random follows from. Default: drawn anew; the proxy tells it. */
  readonly seed?: number;
  /** Faults on the way to the target. Default: none. */
  readonly upstream?: Faults;
  /** Faults on the way to the client. Default: none. */
  readonly downstream?: Faults;
  /** The address to listen on. Default: 127.0.0.1. */
  readonly host?: string;
  /** The port to listen on. Default: 0, a free one. */
  readonly port?: number;
  /** The time that delays and throttles live by. Default: the real one. */
  readonly clock?: Clock;
}

/** Where a proxy forwards to. */
export interface Target {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
}

/** The options of a fault proxy, checked and complete. */
export interface ResolvedProxyOptions {
  readonly target: Target;
  readonly seed: number;
  readonly upstream: ResolvedFaults;
  readonly downstream: ResolvedFaults;
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
}

const defaultPorts: Readonly<Record<string, number>> = {
  'ws:': 80,
  'http:': 80,
  'wss:': 443,
  'https:': 443,
};

const target: Rule<Target> = (value, name) => {
  const expected = 'a URL such as ws://127.0.0.1:8080/echo, or a port';
  const url =
    typeof value === 'number' ? `tcp://127.0.0.1:${integer(1, 65_535)(value, name)}` : value;
  if (typeof url !== 'string') throw wrongType(name, expected, value);
  if (!URL.canParse(url)) throw new RangeError(`${name} must be ${expected}, but is ${url}`);
  const parsed = new URL(url);
  const port = Number(parsed.port) || defaultPorts[parsed.protocol];
  if (port === undefined || parsed.hostname === '') {
    throw new RangeError(`${name} must be ${expected}, but is ${url}`);
  }
  return { url: parsed, host: parsed.hostname.replaceAll(/[[\]]/g, ''), port };
};

/** Timers of the process, to the millisecond. */
const timers: Clock = {
  now: () => performance.now(),
  after(delay, task) {
    const timer = setTimeout(task, delay);
    return { cancel: () => clearTimeout(timer) };
  },
};

const rules: Rules<ResolvedProxyOptions> = {
  target,
  seed: integer(0),
  upstream: faultsRule,
  downstream: faultsRule,
  host: text,
  port: integer(0, 65_535),
  clock: opaque<Clock>('a clock'),
};

/** Checks the options of a fault proxy; a wrong or unknown one is an error that names it. */
export function resolveProxyOptions(given: FaultProxyOptions): ResolvedProxyOptions {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const base = { host: '127.0.0.1', port: 0, clock: timers, seed };
  const faults = { upstream: noFaults, downstream: noFaults };
  const resolved = resolveOptions<Partial<ResolvedProxyOptions> & typeof base & typeof faults>(
    given,
    rules,
    { ...base, ...faults },
  );
  return { ...resolved, target: resolved.target ?? target(undefined, 'target') };
}
