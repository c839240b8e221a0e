import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/root.ts';
import { peersFolder } from '../setup/install.ts';
import type { Command } from '../setup/pinning.ts';

type Runtime = 'node' | 'bun' | 'deno';

/** A program that is measured. */
interface Program {
  readonly runtime: Runtime;
  /** Relative to the root. */
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Something to measure, as a server, a client or both. */
export interface Peer {
  readonly name: string;
  readonly server?: Program;
  readonly client?: Program;
  /** Whether its server has permessage-deflate. */
  readonly deflate?: boolean;
  /** Whether its server sends bytes back as they came. */
  readonly raw?: boolean;
  /** Whether it is for handshakes alone. */
  readonly handshakesOnly?: boolean;
}

/** What all else is a ratio to. */
export const reference = 'ws';

const own = (name: string): Program => ({ runtime: 'node', file: `dist/bench/subject/${name}.js` });
const other = (name: string, runtime: Runtime = 'node'): Program => ({
  runtime,
  file: `bench/peers/${name}.mjs`,
});

/** Everything that is measured, in the order of the tables. */
export const peers: readonly Peer[] = [
  { name: 'hawser', server: own('server'), client: own('client'), deflate: true },
  { name: 'hawser-attached', server: own('attached'), handshakesOnly: true },
  { name: 'ws', server: other('ws'), client: other('ws-client'), deflate: true },
  { name: 'ws-pure', server: { ...other('ws'), env: { WS_NO_BUFFER_UTIL: '1' } }, deflate: true },
  { name: 'websocket', server: other('websocket') },
  { name: 'undici', client: other('web-client') },
  {
    name: 'bun',
    server: other('bun', 'bun'),
    client: other('web-client', 'bun'),
    deflate: true,
  },
  { name: 'deno', server: other('deno', 'deno'), client: other('web-client', 'deno') },
  { name: 'net', server: other('net'), raw: true },
];

const runtimes: Record<Runtime, Command> = {
  node: [process.execPath, '--expose-gc', '--no-warnings'],
  bun: [join(peersFolder, 'node_modules/@oven/bun-linux-x64/bin/bun')],
  deno: [
    join(peersFolder, 'node_modules/@deno/linux-x64-glibc/deno'),
    'run',
    '--allow-all',
    '--v8-flags=--expose-gc',
  ],
};

/** The command that runs a program of a peer, with more flags for its runtime. */
export function commandOf({ runtime, file }: Program, flags: readonly string[]): Command {
  const [program, ...args] = runtimes[runtime];
  return [program, ...args, ...flags, join(root, file)];
}

/** Why a program cannot run here; undefined when it can. */
export function absence({ runtime }: Program): string | undefined {
  if (existsSync(runtimes[runtime][0])) return undefined;
  return `${runtime} is not installed: its package is for Linux on x64 with glibc`;
}
