import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { root } from '../scripts/root.ts';
import { builtFile, listFiles, testFileOf } from '../scripts/sources.ts';
import { buildCommand, testFolders } from './copy.ts';
import { stateOf, type Measurement } from './measured.ts';
import { testsThatReach } from './tests-of.ts';

/** What became of the mutants of one file, and how long it took. */
export interface FileResult extends Measurement {
  readonly seconds: number;
  readonly failure?: string;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** The part of Stryker's report that the table needs. */
interface StrykerReport {
  readonly files: Record<
    string,
    {
      readonly source: string;
      readonly mutants: {
        readonly mutatorName: string;
        readonly replacement: string;
        readonly status: string;
        readonly location: { readonly start: Position; readonly end: Position };
      }[];
    }
  >;
}

const program = join(root, 'mutation/node_modules/@stryker-mutator/core/bin/stryker.js');

/** The longest delay of a timer in milliseconds. */
const LONGEST_TIMER = 0x7fff_ffff;

/** Whether a process can lead a group, by which all that it started can be ended with it. */
const inGroup = process.platform !== 'win32';

/** Cuts what a mutant replaces out of the source, drawn together to one line. */
function textAt(source: string, start: Position, end: Position): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  return oneLine(lines.join('\n'));
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

function configuration(copy: string, file: string, report: string): object {
  const own = testFileOf(file);
  const tests = listFiles(testFolders, '.test.ts').filter((test) => test !== own);
  const others = testsThatReach(copy, builtFile(file), tests.map(builtFile));
  const judge = join(root, 'dist/mutation/judge.js');
  const words = [process.execPath, judge, file, builtFile(own), ...others];
  return {
    mutate: [file],
    testRunner: 'command',
    commandRunner: { command: words.map((word) => `"${word}"`).join(' ') },
    buildCommand,
    inPlace: true,
    coverageAnalysis: 'off',
    concurrency: Math.min(2, availableParallelism()),
    reporters: ['json'],
    jsonReporter: { fileName: report },
    // Stryker would rewrite the configuration with a TypeScript it does not know.
    tsconfigFile: 'none.json',
    disableTypeChecks: false,
    checkers: [],
    timeoutMS: 120_000,
    allowConsoleColors: false,
    logLevel: 'error',
  };
}

function read(report: string, file: string): Pick<Measurement, 'killed' | 'survivors'> {
  const { files } = JSON.parse(readFileSync(report, 'utf8')) as StrykerReport;
  const { source = '', mutants = [] } = files[file] ?? {};
  const alive = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const dead = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout');
  const survivors = alive.map(({ mutatorName, replacement, location }) => ({
    line: location.start.line,
    mutator: mutatorName,
    original: textAt(source, location.start, location.end),
    replacement: oneLine(replacement),
  }));
  return { killed: dead.length, survivors };
}

/** Ends Stryker with all that it started. */
function stop({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(inGroup ? -pid : pid);
  } catch {
    // It has ended by itself.
  }
}

/** Runs Stryker in a copy; false when it was stopped for taking more than `limit` milliseconds. */
async function runStryker(copy: string, limit: number): Promise<boolean> {
  const child = spawn(process.execPath, [program, 'run', 'stryker.json'], {
    cwd: copy,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: inGroup,
  });
  let late = false;
  const timer = setTimeout(
    () => {
      late = true;
      stop(child);
    },
    Math.min(limit, LONGEST_TIMER),
  );
  const onExit = (): void => stop(child);
  process.once('exit', onExit);
  const [code] = (await once(child, 'exit')) as [number | null];
  process.off('exit', onExit);
  clearTimeout(timer);
  if (code !== 0 && !late) throw new Error('Stryker failed');
  return !late;
}

/**
 * Mutates one source of a copy; undefined when that took more than `limit` milliseconds. Throws
 * when it cannot be done.
 */
export async function mutate(
  copy: string,
  file: string,
  limit: number,
): Promise<FileResult | undefined> {
  const began = performance.now();
  const state = stateOf(copy, file);
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  writeFileSync(
    join(copy, 'stryker.json'),
    JSON.stringify(configuration(copy, file, report), undefined, 2),
  );
  if (!(await runStryker(copy, limit))) return undefined;
  if (!existsSync(report)) throw new Error('Stryker wrote no report');
  const seconds = (performance.now() - began) / 1_000;
  const date = new Date().toISOString().slice(0, 10);
  return { file, date, state, ...read(report, file), seconds };
}
