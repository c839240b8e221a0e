import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, test } from 'node:test';

import { root } from '../scripts/root.ts';
import { listFiles, needsTest, testFileOf } from '../scripts/sources.ts';

/** Who may import whom, besides itself. `node:` stands for every built-in module of the host. */
const allowed: Record<string, readonly string[]> = {
  platform: ['node:'],
  protocol: ['#platform'],
  handshake: ['#platform', 'protocol'],
  transport: ['node:stream', 'node:net'],
  connection: ['#platform', 'protocol', 'transport', 'node:diagnostics_channel'],
  client: ['#platform', 'protocol', 'handshake', 'transport', 'connection', 'node:'],
  server: ['#platform', 'protocol', 'handshake', 'transport', 'connection', 'node:'],
  stream: ['connection', 'protocol', 'node:'],
  testing: ['#platform', 'protocol', 'transport', 'connection', 'node:'],
};

/** Modules of which a layer may know the types alone. */
const allowedTypes: Record<string, readonly string[]> = { connection: ['node:tls'] };

/** Layers without input, output, clock or promise. */
const pureLayers = ['protocol', 'handshake'];

/** Programs beside the library, which use it by its public name alone. */
const programs = ['demo', 'examples', 'interop'].filter((folder) => existsSync(join(root, folder)));

/** Names that fit everything and so explain nothing. */
const emptyNames = ['utils', 'helpers', 'common', 'types', 'constants', 'lib'];

const maxFileLines = 250;
const maxExampleLines = 40;
const maxFolderEntries = 12;
const maxSourceEntries = 16;

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Comments, regular expressions and the three kinds of strings, in TypeScript as it is formatted. */
const notCode =
  /\/\*[^]*?\*\/|\/\/.*|(?<=[(=,[!&|?:{;\n] *)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** The code of a file without comments and without what its strings and patterns say. */
function codeOf(file: string): string {
  return read(file).replaceAll(notCode, (match) => (match.startsWith('/') ? '' : "''"));
}

/** Everything a file imports or re-exports from, as written. */
function importsOf(file: string): string[] {
  const code = read(file).replaceAll(notCode, (match) => (match.startsWith('/') ? '' : match));
  return [...code.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, from = '']) => from);
}

const isEntry = (file: string): boolean => basename(file) === 'index.ts';
const layerOf = (file: string): string => file.split('/')[1] ?? '';
const lineCount = (file: string): number => read(file).trimEnd().split('\n').length;

/** What a source file imports, as the name of a layer, of a built-in module or of a package. */
function targetOf(file: string, from: string): string {
  const path = pathOf(file, from);
  return path.startsWith('src/') ? layerOf(path) : path;
}

function mayImportTypes(file: string, from: string): boolean {
  const known = allowedTypes[layerOf(file)]?.includes(from) === true;
  return known && !new RegExp(`\\b(?:import|export) (?!type )[^;']*'${from}'`).test(read(file));
}

function mayImport(layer: string, target: string): boolean {
  const permitted = allowed[layer] ?? [];
  if (target === layer || permitted.includes(target)) return true;
  return target.startsWith('node:') && permitted.includes('node:');
}

const sources = listFiles(['src'], '.ts');
const examples = listFiles(['examples'], '.ts');

/** What `from` leads to when `file` imports it: a path in the repository, or the name as it stands. */
function pathOf(file: string, from: string): string {
  return from.startsWith('.') ? normalize(join(dirname(file), from)) : from;
}

/** Each import of these files that does not pass, as "file imports from". */
function strayImports(
  files: readonly string[],
  passes: (file: string, from: string) => boolean,
): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter((from) => !passes(file, from))
      .map((from) => `${file} imports ${from}`),
  );
}

describe('layers', () => {
  test('every folder of src is a layer that the table knows', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    assert.deepEqual(folders.toSorted(), Object.keys(allowed).toSorted());
  });

  for (const layer of Object.keys(allowed)) {
    test(`${layer} imports only what it may`, () => {
      const files = sources.filter((file) => layerOf(file) === layer && !isEntry(file));
      assert.notEqual(files.length, 0);
      const strays = strayImports(
        files,
        (file, from) => mayImport(layer, targetOf(file, from)) || mayImportTypes(file, from),
      );
      assert.deepEqual(strays, []);
    });
  }

  test('entries only re-export', () => {
    const reExport = /export (?:type )?(?:\*(?: as \w+)?|\{[^}]*\}) from ''\s*;/g;
    const entries = sources.filter(isEntry);
    assert.deepEqual(
      entries.filter((file) => codeOf(file).replaceAll(reExport, '').trim() !== ''),
      [],
    );
  });

  test('no class has private getters: V8 reads them by a call of its runtime (ADR 0038)', () => {
    assert.deepEqual(
      sources.filter((file) => /\bget #/.test(codeOf(file))),
      [],
    );
  });

  test('the pure layers have no clock, no promise and no state of the module', () => {
    const impure =
      /\b(?:Promise|async|await|Date|setTimeout|setInterval|setImmediate)\b|^(?:export )?(?:let|var)\b/m;
    const pure = sources.filter((file) => pureLayers.includes(layerOf(file)));
    const found = pure.map((file) => [file, impure.exec(codeOf(file))?.[0]]);
    assert.deepEqual(
      found.filter(([, word]) => word !== undefined),
      [],
    );
  });
});

describe('files', () => {
  test(`a source has at most ${maxFileLines} lines, an example ${maxExampleLines}`, () => {
    const lengths = [
      ...sources.map((file) => [file, lineCount(file), maxFileLines] as const),
      ...examples.map((file) => [file, lineCount(file), maxExampleLines] as const),
    ];
    assert.deepEqual(
      lengths.filter(([, lines, most]) => lines > most),
      [],
    );
  });

  test('every source that compiles to more than nothing has a test file of its own', () => {
    const missing = sources.filter((file) => needsTest(file)).map(testFileOf);
    assert.deepEqual(
      missing.filter((file) => !existsSync(join(root, file))),
      [],
    );
  });

  test('no folder of src holds more than a reader can take in', () => {
    const folders = [...new Set(sources.map(dirname))].map(
      (folder) => [folder, readdirSync(join(root, folder)).length] as const,
    );
    const most = (folder: string): number =>
      folder === 'src' ? maxSourceEntries : maxFolderEntries;
    assert.deepEqual(
      folders.filter(([folder, entries]) => entries > most(folder)),
      [],
    );
  });

  test('no name is one that fits everything', () => {
    const names = (file: string): string[] => file.replace(/\.ts$/, '').split('/');
    assert.deepEqual(
      sources.filter((file) => names(file).some((name) => emptyNames.includes(name))),
      [],
    );
  });

  test('the type checker is nowhere talked out of its opinion', () => {
    const everything = listFiles(['src', 'test', 'conformance', 'scripts', ...programs], '.ts');
    const silenced = new RegExp('@ts-(?:ignore|nocheck)');
    assert.deepEqual(
      everything.filter((file) => /\bany\b/.test(codeOf(file)) || silenced.test(read(file))),
      [],
    );
  });
});

describe('programs beside the library', () => {
  const staysInside = (file: string, from: string): boolean =>
    from.startsWith('.')
      ? pathOf(file, from).startsWith(`${file.split('/')[0]}/`)
      : !from.startsWith('#');

  test('they use it by its public entries', () => {
    assert.deepEqual(strayImports(listFiles(programs, '.ts'), staysInside), []);
  });

  test('the conformance runner judges it without using it', () => {
    const strays = strayImports(
      listFiles(['conformance'], '.ts'),
      (file, from) =>
        staysInside(file, from) &&
        (!/^hawser\b/.test(from) || file === 'conformance/target-hawser.ts'),
    );
    assert.deepEqual(strays, []);
  });
});
