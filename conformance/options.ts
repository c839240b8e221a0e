import { parseArgs } from 'node:util';

import type { Role } from './case.ts';

/** What the command line asks for. */
export interface Options {
  readonly roles: readonly Role[];
  readonly groups: readonly string[] | undefined;
  /** The library to start; `url` and `serve` stand for others. */
  readonly target: 'hawser' | 'ws';
  readonly url: URL | undefined;
  readonly serve: number | undefined;
  readonly json: string | undefined;
  readonly minutes: number | undefined;
  readonly messages: number;
  readonly seed: number;
  readonly patience: number;
}

/** The text of `--help`. */
export const help = `npm run conformance -- [options]
  --role server|client  the role of the tested side; both unless given
  --group 6 | 6.4       only these groups or cases; may be repeated
  --target hawser|ws    the library to test (hawser)
  --url ws://HOST:PORT/ an echo server to test instead
  --serve PORT          wait for any client that asks for /getCaseCount, /runCase, /updateReports
  --minutes N           a seeded slice of groups 9, 12 and 13 that fits, 50 messages a case
  --messages N          messages in each case of groups 12 and 13 (1000; 50 with CI or --minutes)
  --seed N              the seed of slice, data and noise (drawn unless given)
  --json FILE           write all results
  --patience N          multiply every wait of the fuzzer (1)`;

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a number above 0, not ${text}`);
}

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const value = allowed.find((one) => one === text);
  if (value !== undefined) return value;
  throw new RangeError(`--${name} must be one of ${allowed.join(', ')}, not ${text}`);
}

function rolesOf(role: string | undefined, url: boolean, serve: boolean): readonly Role[] {
  if (url) return ['server'];
  if (serve) return ['client'];
  return role === undefined ? ['server', 'client'] : [oneOf('role', role, ['server', 'client'])];
}

const text = { type: 'string' } as const;
const known = {
  role: text,
  group: { type: 'string', multiple: true },
  target: text,
  url: text,
  serve: text,
  json: text,
  minutes: text,
  messages: text,
  seed: text,
  patience: text,
  help: { type: 'boolean' },
} as const;

/** Reads the command line; throws a RangeError or TypeError that says what is wrong. */
export function readOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({ args, options: known });
  if (values.help === true) return 'help';
  const minutes = positive('minutes', values.minutes);
  const short = minutes !== undefined || process.env['CI'] !== undefined;
  return {
    roles: rolesOf(values.role, values.url !== undefined, values.serve !== undefined),
    groups: values.group?.flatMap((group) => group.split(',')),
    target: oneOf('target', values.target ?? 'hawser', ['hawser', 'ws']),
    url: values.url === undefined ? undefined : new URL(values.url),
    serve: positive('serve', values.serve),
    json: values.json,
    minutes,
    messages: positive('messages', values.messages) ?? (short ? 50 : 1000),
    seed: positive('seed', values.seed) ?? 1 + Math.floor(Math.random() * 1e6),
    patience: positive('patience', values.patience) ?? 1,
  };
}
