import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface InteropOptions {
  readonly minutes: number | undefined;
  readonly seed: number;
  readonly only: readonly string[];
  readonly check: string;
  readonly json: string | undefined;
  readonly subject: 'hawser' | 'ws';
  readonly install: boolean;
  readonly help: boolean;
}

/** The text of `--help`. */
export const usage = `npm run interop [-- OPTIONS]

  --minutes N      stay within N minutes by a seeded slice; every peer at least once
  --seed N         repeat the slice with this seed
  --only NAME      only peers whose name contains NAME; may be given several times
  --check NAME     only checks whose name contains NAME
  --json FILE      write every result to FILE
  --subject NAME   what is tested: hawser (default) or ws, to tell whose fault a failure is
  --no-install     never call apt or npm; peers that are not there fail by name
  --help           this text`;

/** Reads the command line; wrong arguments throw. */
export function parseOptions(args: readonly string[]): InteropOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string', multiple: true },
      check: { type: 'string' },
      json: { type: 'string' },
      subject: { type: 'string' },
      'no-install': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const subject = values.subject ?? 'hawser';
  if (subject !== 'hawser' && subject !== 'ws') throw new TypeError('--subject: hawser or ws');
  return {
    minutes: values.minutes === undefined ? undefined : numberOf('--minutes', values.minutes),
    seed: values.seed === undefined ? Date.now() % 1_000_000 : numberOf('--seed', values.seed),
    only: (values.only ?? []).map((name) => name.toLowerCase()),
    check: (values.check ?? '').toLowerCase(),
    json: values.json,
    subject,
    install: values['no-install'] !== true,
    help: values.help === true,
  };
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new TypeError(`${option}: a number, not ${text}`);
  return value;
}
