import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { run, type Command } from './process.ts';

/** The root of the repository: the nearest folder upwards whose package is named hawser. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest)) {
    const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly name?: string };
    if (name === 'hawser') return folder;
  }
  const parent = dirname(folder);
  if (parent === folder) throw new Error('the package hawser was not found above this file');
  return findRoot(parent);
}

/** A file below `peers/` that is not TypeScript. */
export function peerSource(name: string): string {
  return join(root, 'interop', 'peers', name);
}

/** A TypeScript program of the repository, by its path without suffix, run as this one is run. */
export function nodeProgram(path: string, args: readonly string[]): Command {
  const suffix = extname(fileURLToPath(import.meta.url));
  const file = fileURLToPath(new URL(`../../${path}${suffix}`, import.meta.url));
  return { program: process.execPath, args: [...process.execArgv, file, ...args] };
}

/** A TypeScript agent of `peers/agents/`. */
export function nodeAgent(name: string, args: readonly string[]): Command {
  return nodeProgram(`interop/peers/agents/${name}`, args);
}

let created: Promise<string> | undefined;

/** The temporary folder of this run, made on first use. */
export function workspace(): Promise<string> {
  created ??= mkdtemp(join(tmpdir(), 'hawser-interop-'));
  return created;
}

/** Removes the temporary folder, if there is one. */
export async function removeWorkspace(): Promise<void> {
  if (created !== undefined) await rm(await created, { recursive: true, force: true });
}

/** Compiles a C or C++ peer against a library known to pkg-config; gives the program's path. */
export async function compile(source: string, library: string): Promise<string> {
  const flags = await run({ program: 'pkg-config', args: ['--cflags', '--libs', library] });
  const program = join(await workspace(), source.replace('.', '_'));
  const cpp = source.endsWith('.cpp');
  const common = [
    '-O1',
    '-fPIC',
    '-o',
    program,
    peerSource(join('agents', source)),
    ...flags.split(/\s+/),
  ];
  await run({ program: cpp ? 'g++' : 'gcc', args: [cpp ? '-std=c++17' : '-std=gnu11', ...common] });
  return program;
}

/** A port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
