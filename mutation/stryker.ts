import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../scripts/root.ts';
import { builtFile, listFiles, testFileOf } from '../scripts/sources.ts';
import { buildCommand, testFolders } from './copy.ts';
import { testsThatReach } from './tests-of.ts';

/** One mutant that no test noticed. */
export interface Survivor {
  readonly file: string;
  readonly line: number;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
}

/** What became of the mutants of one file. */
export interface FileResult {
  readonly file: string;
  readonly killed: number;
  readonly survivors: readonly Survivor[];
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
    concurrency: 2,
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

function read(report: string, file: string, seconds: number): FileResult {
  const { files } = JSON.parse(readFileSync(report, 'utf8')) as StrykerReport;
  const { source = '', mutants = [] } = files[file] ?? {};
  const alive = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const dead = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout');
  const survivors = alive.map(({ mutatorName, replacement, location }) => ({
    file,
    line: location.start.line,
    mutator: mutatorName,
    original: textAt(source, location.start, location.end),
    replacement: oneLine(replacement),
  }));
  return { file, killed: dead.length, survivors, seconds };
}

/** Runs Stryker over one source file of a copy; throws when it cannot. */
export async function mutate(copy: string, file: string): Promise<FileResult> {
  const began = performance.now();
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  writeFileSync(
    join(copy, 'stryker.json'),
    JSON.stringify(configuration(copy, file, report), undefined, 2),
  );
  const child = spawn(process.execPath, [program, 'run', 'stryker.json'], {
    cwd: copy,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const stop = (): void => void child.kill();
  process.once('exit', stop);
  const [code] = (await once(child, 'exit')) as [number | null];
  process.off('exit', stop);
  if (code !== 0 || !existsSync(report)) throw new Error(`${file}: Stryker failed`);
  return read(report, file, (performance.now() - began) / 1_000);
}
