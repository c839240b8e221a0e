import { runTests } from './run-tests.ts';
import { listFiles } from './sources.ts';
import { installPrograms } from './system-packages.ts';

/** What the tests of the system's own faults need. */
const needed = [
  ['/usr/sbin/ip', 'iproute2'],
  ['/usr/bin/faketime', 'faketime'],
] as const;

const words = process.argv.slice(2);
const files = listFiles(['test/faults'], '.test.ts').filter(
  (file) => words.length === 0 || words.some((word) => file.includes(word)),
);
if (files.length === 0) {
  console.error(`No test of a fault has ${words.join(' or ')} in its path.`);
  process.exit(1);
}
installPrograms(needed);
const { passed, failed, skipped } = await runTests(files, { HAWSER_SYSTEM_FAULTS: '1' });
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
