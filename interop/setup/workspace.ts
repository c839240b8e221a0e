import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Command } from './process.ts';

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

let created: string | undefined;

/** The temporary folder of this run, made on first use; browsers keep their profiles there too. */
export function workspace(): string {
  if (created === undefined) {
    created = mkdtempSync(join(tmpdir(), 'hawser-interop-'));
    process.env['TMPDIR'] = created;
  }
  return created;
}

/** Removes the temporary folder, if there is one. */
export function removeWorkspace(): void {
  if (created === undefined) return;
  rmSync(created, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  created = undefined;
}
