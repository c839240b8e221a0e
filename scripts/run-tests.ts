import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from './root.ts';
import { builtFile } from './sources.ts';

/** How many tests of a run passed, failed and were skipped. */
export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Milliseconds after which a single test or a whole test file has hung. */
const testTimeout = 240_000;

/** Reads the closing lines of a TAP report: `# pass 12`. */
function readCounts(tap: string): TestCounts {
  const count = (word: string): number =>
    Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0);
  return {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped'),
  };
}

/** Runs compiled test files by `node --test`, a process per file; prints TAP when CI is set. */
export async function runTests(
  files: readonly string[],
  environment: Record<string, string> = {},
  reporter = process.env['CI'] ? 'tap' : 'spec',
): Promise<TestCounts> {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-tests-'));
  const report = join(folder, 'report.tap');
  const args = [
    '--test',
    `--test-timeout=${testTimeout}`,
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stdout',
    '--test-reporter=tap',
    `--test-reporter-destination=${report}`,
    ...files.map(builtFile),
  ];
  try {
    const child = spawn(process.execPath, ['--enable-source-maps', ...args], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    const counts = readCounts(readFileSync(report, 'utf8'));
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
