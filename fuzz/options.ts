import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  /** Time for all targets together, in milliseconds. */
  readonly milliseconds: number;
  /** The targets to fuzz; undefined for all. */
  readonly targets: readonly string[] | undefined;
  readonly seed: number;
}

/** The text of `--help`. */
export const help = `npm run fuzz -- [options]
  --seconds N    time for all targets together, shared evenly (60)
  --minutes N    the same in minutes
  --target NAME  only this target; may be repeated, and NAME may be a list with commas
  --seed N       the seed of mutations and cuts (drawn unless given)`;

const text = { type: 'string' } as const;
const known = {
  seconds: text,
  minutes: text,
  target: { type: 'string', multiple: true },
  seed: text,
  help: { type: 'boolean' },
} as const;

const DEFAULT_SECONDS = 60;

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a number above 0, not ${text}`);
}

/** Reads the command line; throws a RangeError or TypeError that says what is wrong. */
export function readOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({ args, options: known });
  if (values.help === true) return 'help';
  const [seconds, minutes] = [
    positive('seconds', values.seconds),
    positive('minutes', values.minutes),
  ];
  if (seconds !== undefined && minutes !== undefined) {
    throw new TypeError('--seconds and --minutes cannot both be given');
  }
  return {
    milliseconds: 1000 * (seconds ?? (minutes === undefined ? DEFAULT_SECONDS : 60 * minutes)),
    targets: values.target?.flatMap((names) => names.split(',')),
    seed: positive('seed', values.seed) ?? 1 + Math.floor(Math.random() * 1e6),
  };
}
