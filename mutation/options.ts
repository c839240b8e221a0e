import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface MutationOptions {
  readonly minutes: number | undefined;
  readonly seed: number;
  readonly changed: boolean;
  readonly files: readonly string[];
  readonly record: boolean;
  readonly help: boolean;
}

/** The text of `--help`. */
export const usage = `npm run mutation [-- OPTIONS]

  --files PATH     only sources whose path contains PATH; may be given several times
  --changed        only sources that read otherwise than when they were measured last
                   (mutation/measured.json), or whose own tests do
  --minutes N      stay within N minutes: what changed first, then a seeded slice
  --seed N         repeat the slice with this seed
  --record         keep the figures in mutation/measured.json and write docs/mutation.md anew
  --help           this text`;

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new TypeError(`${option}: a number, not ${text}`);
  return value;
}

/** Reads the command line; wrong arguments throw. */
export function parseOptions(args: readonly string[]): MutationOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      changed: { type: 'boolean' },
      files: { type: 'string', multiple: true },
      record: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  return {
    minutes: values.minutes === undefined ? undefined : numberOf('--minutes', values.minutes),
    seed: values.seed === undefined ? Date.now() % 1_000_000 : numberOf('--seed', values.seed),
    changed: values.changed === true,
    files: [...(values.files ?? []), ...positionals],
    record: values.record === true,
    help: values.help === true,
  };
}
