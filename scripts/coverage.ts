import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { Report } from 'c8';

import { root } from './root.ts';
import { runTests } from './run-tests.ts';
import type { TestCounts } from './run-tests.ts';
import { builtFile, listFiles, needsTest, testFileOf } from './sources.ts';

/** The part of Istanbul's coverage of one file that the table needs. */
interface FileCoverage {
  toSummary(): { data: Record<Metric, { total: number; covered: number }> };
  getUncoveredLines(): string[];
  branchMap: Record<string, { loc: { start: { line: number } } }>;
  b: Record<string, number[]>;
  fnMap: Record<string, { loc: { start: { line: number } } }>;
  f: Record<string, number>;
}

interface CoverageMap {
  files(): string[];
  fileCoverageFor(path: string): FileCoverage;
}

const metrics = ['lines', 'branches', 'functions'] as const;
type Metric = (typeof metrics)[number];

/** The layers whose files must be covered in full, each by its own test file alone. */
const layers = ['src/protocol', 'src/handshake'] as const;

/** The folders of the tests that are run for the coverage. */
export const coveredTests = layers.map((layer) => `${layer.replace('src', 'test')}/`);

/** Sorts the processes' raw coverage by the test file that each process ran. */
function sortByTestFile(raw: string, tests: readonly string[]): Map<string, string> {
  const folders = new Map<string, string>();
  const urls = new Map(
    tests.map((test) => [pathToFileURL(join(root, builtFile(test))).href, test]),
  );
  for (const name of readdirSync(raw).filter((file) => file.endsWith('.json'))) {
    const { result } = JSON.parse(readFileSync(join(raw, name), 'utf8')) as {
      result: { url: string }[];
    };
    const test = result.map(({ url }) => urls.get(url)).find((found) => found !== undefined);
    if (test === undefined) continue;
    const folder = join(raw, test.replaceAll('/', '_'));
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(raw, name), join(folder, name));
    folders.set(test, folder);
  }
  return folders;
}

async function coverageOf(
  source: string,
  tempDirectory: string,
): Promise<FileCoverage | undefined> {
  const report = new Report({
    tempDirectory,
    include: [builtFile(source)],
    exclude: [],
    reporter: [],
    resolve: root,
    src: [root],
  }) as Report & { getCoverageMapFromAllCoverageFiles(): Promise<CoverageMap> };
  const map = await report.getCoverageMapFromAllCoverageFiles();
  const path = map.files().find((file) => file === join(root, source));
  return path === undefined ? undefined : map.fileCoverageFor(path);
}

/** Gives the lines where something was not run: whole lines, or the start of a branch or function. */
function openLines(coverage: FileCoverage): number[] {
  const lines = new Set(coverage.getUncoveredLines().map(Number));
  for (const [id, counts] of Object.entries(coverage.b)) {
    const start = coverage.branchMap[id]?.loc.start.line;
    if (start !== undefined && counts.includes(0)) lines.add(start);
  }
  for (const [id, count] of Object.entries(coverage.f)) {
    const start = coverage.fnMap[id]?.loc.start.line;
    if (start !== undefined && count === 0) lines.add(start);
  }
  return [...lines].toSorted((a, b) => a - b);
}

/** Writes numbers with runs drawn together: 3, 4, 5, 9 becomes 3-5, 9. */
function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

function percentages(coverage: FileCoverage): string[] {
  const { data } = coverage.toSummary();
  return metrics.map((metric) => {
    const { covered, total } = data[metric];
    const percent = total === 0 ? 100 : Math.floor((covered / total) * 1_000) / 10;
    return percent.toFixed(1).padStart(10);
  });
}

async function printTable(folders: ReadonlyMap<string, string>): Promise<boolean> {
  const sources = listFiles(layers, '.ts').filter(needsTest);
  const width = Math.max(...sources.map((source) => source.length));
  const heads = metrics.map((metric) => metric.padStart(10)).join('');
  console.log(`\nCoverage, each file by its own test file\n${'file'.padEnd(width)}${heads}`);
  let complete = true;
  for (const source of sources) {
    const folder = folders.get(testFileOf(source));
    const coverage = folder === undefined ? undefined : await coverageOf(source, folder);
    const open = coverage === undefined ? [] : openLines(coverage);
    const figures =
      coverage === undefined ? '   not run by its test file' : percentages(coverage).join('');
    console.log(
      `${source.padEnd(width)}${figures}${open.length > 0 ? `  open: ${ranges(open)}` : ''}`,
    );
    complete &&=
      coverage !== undefined && percentages(coverage).every((text) => text.trim() === '100.0');
  }
  console.log(complete ? 'Everything is covered.\n' : 'Not everything is covered.\n');
  return complete;
}

/** Runs the tests of the covered layers and prints what each file's own test leaves uncovered. */
export async function runCoverage(): Promise<TestCounts & { complete: boolean }> {
  const raw = mkdtempSync(join(tmpdir(), 'hawser-coverage-'));
  try {
    const tests = listFiles(
      layers.map((layer) => layer.replace('src', 'test')),
      '.test.ts',
    );
    const counts = await runTests(tests, { NODE_V8_COVERAGE: raw });
    return { ...counts, complete: await printTable(sortByTestFile(raw, tests)) };
  } finally {
    rmSync(raw, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { failed, complete } = await runCoverage();
  if (failed > 0 || !complete) process.exitCode = 1;
}
