import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

/** Milliseconds that the unchanged source needed: its own test file, then all others together. */
interface Usual {
  own: number;
  others: number;
}

const [source = '', own = '', ...others] = process.argv.slice(2);
const usualFile = `${source.replaceAll('/', '_')}.usual.json`;

/** How often a property is tried: a mutant that random input finds is mostly found at once. */
const propertyRuns = 25;

/** The milliseconds after which a run has hung, whatever it usually needs. */
const mostPatience = 30_000;

const reporter = new URL('first-failure.js', import.meta.url).href;

/** Runs test files in one process; a run of several times the usual length has hung. */
function passes(files: readonly string[], limit: number): boolean {
  if (files.length === 0) return true;
  const imports = files.map(
    (file) => `await import(${JSON.stringify(pathToFileURL(join(process.cwd(), file)).href)});`,
  );
  const setUp = `import { configureGlobal } from 'fast-check';configureGlobal({ numRuns: ${propertyRuns} });`;
  const args = [
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stdout',
    '--input-type=module',
    '--eval',
    `${setUp}${imports.join('')}`,
  ];
  const { status } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: Math.min(limit, mostPatience),
    killSignal: 'SIGKILL',
    env: { ...process.env, HAWSER_MUTANTS: '1' },
  });
  return status === 0;
}

function measured(files: readonly string[]): number {
  const began = performance.now();
  if (!passes(files, 300_000)) {
    process.stdout.write('the tests fail without any mutant\n');
    process.exit(1);
  }
  return Math.ceil(performance.now() - began);
}

if (process.env['__STRYKER_ACTIVE_MUTANT__'] === undefined || !existsSync(usualFile)) {
  const usual: Usual = { own: measured([own]), others: measured(others) };
  writeFileSync(usualFile, JSON.stringify(usual));
} else {
  const usual = JSON.parse(readFileSync(usualFile, 'utf8')) as Usual;
  const good = passes([own], usual.own * 4 + 3_000) && passes(others, usual.others * 4 + 5_000);
  process.exitCode = good ? 0 : 1;
}
