import { parseArgs } from 'node:util';

import { type BenchOptions, parseOptions } from '../options.ts';

/** What the command line of the guard asks for. */
export interface GuardOptions {
  readonly help: boolean;
  /** Whether the pieces are compared too: unless workloads were asked for. */
  readonly pieces: boolean;
  /** How the workloads are measured. */
  readonly bench: BenchOptions;
}

/** The text of `--help`. */
export const guardUsage = `npm run bench:guard [-- OPTIONS]

  --workloads A,B  only these, and none of the pieces (W1, W5b, …)
  --rounds N       measure hawser and the reference N times in turn (default 3)
  --seconds N      how long each time (default 0.8)
  --seed N         repeat payloads with this seed (default 1)
  --help           this text`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const options = { workloads: text, rounds: text, seconds: text, seed: text, help: flag };

/** A short run: some workloads of each kind, hawser beside the reference alone. */
const shortRun = ['--workloads', 'W1,W2-batch,W3,W5b,W6,W7,W8-fresh,W9-text', '--peers', 'ws'];
const shortRounds = ['--rounds', '3', '--seconds', '0.8'];

/** Reads the command line of the guard; wrong arguments throw, and so do those of other runs. */
export function parseGuardOptions(args: readonly string[]): GuardOptions {
  const { help, workloads } = parseArgs({ args: [...args], options }).values;
  const bench = parseOptions([...shortRun, ...shortRounds, ...args]);
  return { help: help === true, pieces: workloads === undefined, bench };
}
