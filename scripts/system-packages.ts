import { spawnSync } from 'node:child_process';

function run(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

/** A program's file, and the Debian package it comes from. */
export type SystemProgram = readonly [file: string, packageName: string];

/** Installs the packages of missing programs where that is allowed; who needs them says so if not. */
export function installPrograms(needed: readonly SystemProgram[]): void {
  const missing = needed.flatMap(([file, name]) => (run('test', '-x', file) ? [] : [name]));
  if (missing.length === 0 || process.getuid?.() !== 0) return;
  console.log(`Installing ${missing.join(', ')}.`);
  run('apt-get', '-qq', 'update');
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '--yes', '--no-install-recommends'];
  run('apt-get', ...options, 'install', ...missing);
}
