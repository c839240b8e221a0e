import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  readonly minutes: number | undefined;
  readonly seed: number;
  readonly rows: readonly string[] | undefined;
}

/** The text of `--help`. */
export const help = `npm run attacks [-- options]
  --row FR-03     only this row, or all whose ids begin so; may be repeated
  --minutes N     a seeded slice that fits into so many minutes
  --seed N        the order of the slice (drawn unless given)`;

const text = { type: 'string' } as const;
const known = {
  row: { type: 'string', multiple: true },
  minutes: text,
  seed: text,
  help: { type: 'boolean' },
} as const;

function positive(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given);
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a number above 0, not ${given}`);
}

/** Reads the command line; throws a RangeError or TypeError that says what is wrong. */
export function readOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({ args, options: known });
  if (values.help === true) return 'help';
  return {
    minutes: positive('minutes', values.minutes),
    seed: positive('seed', values.seed) ?? 1 + Math.floor(Math.random() * 1e6),
    rows: values.row?.flatMap((row) => row.split(',')),
  };
}
