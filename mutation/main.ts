import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

import { root } from '../scripts/root.ts';
import { changedSources, linesOf, mutatedSources, shuffled } from './choice.ts';
import { build, makeCopy, removeCopy } from './copy.ts';
import { installStryker } from './install.ts';
import { parseOptions, usage, type MutationOptions } from './options.ts';
import { mutate, type FileResult } from './stryker.ts';
import { reasonFor, score, writeReport } from './survivors.ts';

/** Per cent of the mutants of a file that must be noticed, unless each survivor has a reason. */
const wantedScore = 90;

/** Seconds for a line of source before anything was measured. */
const guessedSecondsPerLine = 1;

/** The sources to mutate, in order, and those of them that come whatever the time. */
function choose(options: MutationOptions): readonly string[] {
  const all = mutatedSources();
  if (options.files.length > 0) {
    const found = options.files.flatMap((part) => all.filter((file) => file.includes(part)));
    const chosen = [...new Set(found)];
    if (chosen.length === 0) throw new Error('--files: no such source');
    return chosen;
  }
  if (!options.changed && options.minutes === undefined) return all;
  const { since, files } = changedSources(all);
  console.log(`changed since ${since}: ${files.join(' ') || 'nothing'}`);
  if (options.changed) return files;
  const rest = shuffled(
    all.filter((file) => !files.includes(file)),
    options.seed,
  );
  return [...shuffled(files, options.seed), ...rest];
}

function passes({ killed, survivors, failure }: FileResult): boolean {
  if (failure !== undefined) return false;
  const wanted = (killed + survivors.length) * (wantedScore / 100);
  return killed >= wanted || survivors.every((survivor) => reasonFor(survivor) !== undefined);
}

function print(result: FileResult): void {
  const { file, killed, survivors, seconds, failure } = result;
  if (failure !== undefined) return console.log(`FAILED ${failure}`);
  const total = killed + survivors.length;
  const verdict = passes(result) ? 'ok' : 'FAILED';
  const share = score([result]).toFixed(1);
  console.log(`${verdict} ${file}: ${killed} of ${total}, ${share} % (${seconds.toFixed(0)} s)`);
  for (const survivor of survivors) {
    const reason = reasonFor(survivor);
    if (reason !== undefined) continue;
    const { line, mutator, original, replacement } = survivor;
    console.log(`  ${file}:${line} ${mutator}: ${original} → ${replacement}`);
  }
}

/** Mutates one file; where that cannot be done the file fails, and the others go on. */
async function attempt(copy: string, file: string): Promise<FileResult> {
  try {
    return await mutate(copy, file);
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { file, killed: 0, survivors: [], seconds: 0, failure };
  }
}

async function run(files: readonly string[], minutes = Infinity): Promise<FileResult[]> {
  const end = minutes * 60_000 * 0.95;
  const results: FileResult[] = [];
  const copy = makeCopy();
  process.once('exit', () => removeCopy(copy));
  build(copy);
  let lines = 0;
  let spent = 0;
  for (const file of files) {
    const perLine = lines < 50 ? guessedSecondsPerLine : spent / lines;
    const expected = linesOf(file) * perLine * 1_000;
    if (performance.now() + expected > end) continue;
    const result = await attempt(copy, file);
    lines += linesOf(file);
    spent += result.seconds;
    results.push(result);
    print(result);
    writeFileSync(
      join(root, 'mutation/reports/results.json'),
      JSON.stringify(results, undefined, 1),
    );
  }
  return results;
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  await installStryker();
  mkdirSync(join(root, 'mutation/reports'), { recursive: true });
  const files = choose(options);
  const slice = options.minutes === undefined ? '' : `, seed ${options.seed}`;
  console.log(`mutants of ${files.length} files${slice}`);
  const results = await run(files, options.minutes);
  const measured = new Set(results.map(({ file }) => file));
  const left = files.filter((file) => !measured.has(file));
  if (left.length > 0) console.log(`left out of the slice: ${left.join(' ')}`);
  if (options.report !== undefined) {
    const others = mutatedSources().filter((file) => !measured.has(file));
    writeReport(options.report, results, others);
  }
  const failed = results.filter((result) => !passes(result)).length;
  console.log(`score ${score(results).toFixed(1)} % over ${results.length} files`);
  console.log(`${results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

// So that the copy is removed and Stryker stopped on the way out.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await main().catch((error: unknown) => {
  console.error(`mutation: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
});
