import { coveredTests, runCoverage } from './coverage.ts';
import { runTests } from './run-tests.ts';
import { listFiles } from './sources.ts';

/** Runs the test files whose paths contain one of the words. */
async function runSome(files: readonly string[], words: readonly string[]): Promise<number> {
  const chosen = files.filter((file) => words.some((word) => file.includes(word)));
  if (chosen.length === 0) {
    console.error(`No test file has ${words.join(' or ')} in its path.`);
    return 1;
  }
  return (await runTests(chosen)).failed;
}

/** Runs every test file; those of the covered layers first, with their coverage. */
async function runAll(files: readonly string[]): Promise<number> {
  const covered = await runCoverage();
  const others = await runTests(
    files.filter((file) => !coveredTests.some((folder) => file.startsWith(folder))),
  );
  const failed = covered.failed + others.failed + (covered.complete ? 0 : 1);
  const skipped = covered.skipped + others.skipped;
  if (!covered.complete) console.log('The coverage above is not complete.');
  if (skipped > 0) console.log(`${skipped} skipped`);
  console.log(`${covered.passed + others.passed} passed, ${failed} failed`);
  return failed;
}

const files = listFiles(['test'], '.test.ts');
const words = process.argv.slice(2);
const failed = await (words.length > 0 ? runSome(files, words) : runAll(files));
process.exitCode = failed > 0 ? 1 : 0;
