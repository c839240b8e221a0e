import { spawnSync } from 'node:child_process';

import { runTests } from './run-tests.ts';
import { listFiles } from './sources.ts';

/** What the tests of the system's own faults need, and the Debian package it comes from. */
const needed = [
  ['/usr/sbin/ip', 'iproute2'],
  ['/usr/bin/faketime', 'faketime'],
] as const;

function run(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

/** Installs what is missing where that is allowed; the tests say themselves what they miss. */
function install(): void {
  const missing = needed.flatMap(([file, name]) => (run('test', '-x', file) ? [] : [name]));
  if (missing.length === 0 || process.getuid?.() !== 0) return;
  console.log(`Installing ${missing.join(', ')}.`);
  run('apt-get', '-qq', 'update');
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '--yes', '--no-install-recommends'];
  run('apt-get', ...options, 'install', ...missing);
}

const words = process.argv.slice(2);
const files = listFiles(['test/faults'], '.test.ts').filter(
  (file) => words.length === 0 || words.some((word) => file.includes(word)),
);
if (files.length === 0) {
  console.error(`No test of a fault has ${words.join(' or ')} in its path.`);
  process.exit(1);
}
install();
const { passed, failed, skipped } = await runTests(files, { HAWSER_SYSTEM_FAULTS: '1' });
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
