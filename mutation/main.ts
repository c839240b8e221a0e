import { performance } from 'node:perf_hooks';

import { changedSources, expectedMutants, mutatedSources, shuffled } from './choice.ts';
import { build, makeCopy, removeCopy } from './copy.ts';
import { installStryker } from './install.ts';
import { type Measurement, readMeasured, recordMeasured } from './measured.ts';
import { parseOptions, usage, type MutationOptions } from './options.ts';
import { mutate, type FileResult } from './stryker.ts';
import { reasonFor, score, writeReport } from './survivors.ts';

/** Per cent of the mutants of a file that must be noticed, unless each survivor has a reason. */
const wantedScore = 90;

/** Seconds for a mutant before anything was measured, and for the start of each file. */
const guessedSeconds = 0.4;
const startSeconds = 5;

/** The sources to mutate, in order. */
function choose(
  options: MutationOptions,
  all: readonly string[],
  measured: readonly Measurement[],
): readonly string[] {
  if (options.files.length > 0) {
    const found = options.files.flatMap((part) => all.filter((file) => file.includes(part)));
    const chosen = [...new Set(found)];
    if (chosen.length === 0) throw new Error('--files: no such source');
    return chosen;
  }
  if (!options.changed && options.minutes === undefined) return all;
  const changed = changedSources(all, measured);
  console.log(
    `changed since they were measured (mutation/measured.json): ${changed.join(' ') || 'none'}`,
  );
  const rest = options.changed ? [] : all.filter((file) => !changed.includes(file));
  return [...shuffled(changed, options.seed), ...shuffled(rest, options.seed)];
}

function passes({ file, killed, survivors, failure }: FileResult): boolean {
  if (failure !== undefined) return false;
  const wanted = (killed + survivors.length) * (wantedScore / 100);
  return killed >= wanted || survivors.every((one) => reasonFor(file, one) !== undefined);
}

function print(result: FileResult): void {
  const { file, killed, survivors, seconds, failure } = result;
  if (failure !== undefined) return console.log(`FAILED ${file}: ${failure}`);
  const total = killed + survivors.length;
  const verdict = passes(result) ? 'ok' : 'LOW';
  const share = score([result]).toFixed(1);
  console.log(`${verdict} ${file}: ${killed} of ${total}, ${share} % (${seconds.toFixed(0)} s)`);
  for (const survivor of survivors) {
    const reason = reasonFor(file, survivor);
    if (reason !== undefined) continue;
    const { line, mutator, original, replacement } = survivor;
    console.log(`  ${file}:${line} ${mutator}: ${original} → ${replacement}`);
  }
}

/** Mutates one file; where that cannot be done the file fails, and the others go on. */
async function attempt(copy: string, file: string, limit: number): Promise<FileResult | undefined> {
  try {
    return await mutate(copy, file, limit);
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { file, date: '', state: '', killed: 0, survivors: [], seconds: 0, failure };
  }
}

/** Mutates files one after the other, passing over those that would take too long. */
async function* run(
  files: readonly string[],
  measured: readonly Measurement[],
  minutes = Infinity,
): AsyncGenerator<FileResult> {
  const end = minutes * 60_000 * 0.95;
  const copy = makeCopy();
  process.once('exit', () => removeCopy(copy));
  build(copy);
  let mutants = 0;
  let seconds = 0;
  for (const file of files) {
    const each = mutants < 50 ? guessedSeconds : seconds / mutants;
    const expected = startSeconds + expectedMutants(file, measured) * each;
    if (performance.now() + expected * 1_000 > end) continue;
    const result = await attempt(copy, file, end - performance.now());
    if (result === undefined) return;
    mutants += result.killed + result.survivors.length;
    seconds += result.seconds - startSeconds;
    yield result;
  }
}

/**
 * How many files failed. In a slice it is all of them together that must come to the score: what
 * changed since the last record may have survivors whose reasons are still to be written.
 */
function failures(results: readonly FileResult[], slice: boolean): number {
  const broken = results.filter(({ failure }) => failure !== undefined);
  const unexplained = results.map(({ file, survivors, ...others }) => {
    const left = survivors.filter((one) => reasonFor(file, one) === undefined);
    return { ...others, file, survivors: left };
  });
  if (slice && score(unexplained) >= wantedScore) return broken.length;
  return results.filter((result) => !passes(result)).length;
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  await installStryker();
  const sources = mutatedSources();
  const measured = readMeasured();
  const files = choose(options, sources, measured);
  const slice = options.minutes === undefined ? '' : `, seed ${options.seed}`;
  console.log(`mutants of ${files.length} files${slice}`);
  const results: FileResult[] = [];
  for await (const result of run(files, measured, options.minutes)) {
    results.push(result);
    print(result);
    if (!options.record || result.failure !== undefined) continue;
    const { file, date, state, killed, survivors } = result;
    writeReport(recordMeasured(sources, [{ file, date, state, killed, survivors }]), sources);
  }
  const done = new Set(results.map(({ file }) => file));
  const left = files.filter((file) => !done.has(file));
  if (left.length > 0) console.log(`not enough time for: ${left.join(' ')}`);
  const failed = failures(results, options.minutes !== undefined);
  if (results.length > 0) {
    console.log(`score ${score(results).toFixed(1)} % over ${results.length} files`);
  }
  console.log(`${results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

// So that the copy is removed and Stryker stopped on the way out.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await main().catch((error: unknown) => {
  console.error(`mutation: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
});
