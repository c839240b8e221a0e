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
  connection: ['protocol', 'transport'],
  client: ['#platform', 'protocol', 'handshake', 'transport', 'connection', 'node:'],
  server: ['#platform', 'protocol', 'handshake', 'transport', 'connection', 'node:'],
  stream: ['connection', 'protocol', 'node:'],
  testing: ['#platform', 'protocol', 'transport', 'connection', 'node:'],
};

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
  const imports = read(file).matchAll(
    /^\s*(?:import|export|\})[^;'"]*?from '([^']+)'|^import '([^']+)'|\bimport\(\s*'([^']+)'/gm,
  );
  return [...imports].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
}

const isEntry = (file: string): boolean => basename(file) === 'index.ts';
const layerOf = (file: string): string => file.split('/')[1] ?? '';
const lineCount = (file: string): number => read(file).trimEnd().split('\n').length;

/** What a source file imports, as the name of a layer, of a built-in module or of a package. */
function targetOf(file: string, from: string): string {
  return from.startsWith('.') ? layerOf(normalize(join(dirname(file), from))) : from;
}

function mayImport(layer: string, target: string): boolean {
  const permitted = allowed[layer] ?? [];
  if (target === layer || permitted.includes(target)) return true;
  return target.startsWith('node:') && permitted.includes('node:');
}

const sources = listFiles(['src'], '.ts');

describe('layers', () => {
  test('every folder of src is a layer that the table knows', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    assert.deepEqual(folders.toSorted(), Object.keys(allowed).toSorted());
  });

  for (const file of sources.filter((source) => !isEntry(source))) {
    const layer = layerOf(file);
    test(`${file} imports only what ${layer} may`, () => {
      for (const from of importsOf(file)) {
        const target = targetOf(file, from);
        assert.ok(mayImport(layer, target), `${layer} must not import ${from}`);
      }
    });
  }

  for (const file of sources.filter(isEntry)) {
    test(`${file} only re-exports`, () => {
      const rest = codeOf(file).replaceAll(
        /export (?:type )?(?:\*(?: as \w+)?|\{[^}]*\}) from ''\s*;/g,
        '',
      );
      assert.equal(rest.trim(), '');
    });
  }
});

describe('purity', () => {
  const words = ['Promise', 'async', 'await', 'Date', 'setTimeout', 'setInterval', 'setImmediate'];
  for (const file of sources.filter((source) => pureLayers.includes(layerOf(source)))) {
    test(`${file} has no clock, no promise and no state of the module's own`, () => {
      const code = codeOf(file);
      for (const word of words) assert.doesNotMatch(code, new RegExp(`\\b${word}\\b`));
      assert.doesNotMatch(code, /^(?:export )?(?:let|var)\b/m);
    });
  }
});

describe('files', () => {
  for (const file of sources) {
    test(`${file} has at most ${maxFileLines} lines and a telling name`, () => {
      assert.ok(lineCount(file) <= maxFileLines, `${lineCount(file)} lines`);
      const names = file.replace(/\.ts$/, '').split('/');
      for (const name of names) assert.ok(!emptyNames.includes(name), `the name ${name}`);
    });
  }

  for (const file of sources.filter(needsTest)) {
    test(`${file} has a test file of its own`, () => {
      assert.ok(existsSync(join(root, testFileOf(file))), `${testFileOf(file)} is missing`);
    });
  }

  test('no folder of src holds more than a reader can take in', () => {
    for (const folder of new Set(['src', ...sources.map(dirname)])) {
      const entries = readdirSync(join(root, folder)).length;
      const most = folder === 'src' ? maxSourceEntries : maxFolderEntries;
      assert.ok(entries <= most, `${folder} has ${entries} entries`);
    }
  });

  test('the type checker is nowhere talked out of its opinion', () => {
    const everything = listFiles(['src', 'test', 'conformance', 'scripts', ...programs], '.ts');
    for (const file of everything) {
      assert.doesNotMatch(codeOf(file), /\bany\b/, `${file} says any`);
      assert.doesNotMatch(read(file), new RegExp('@ts-(?:ignore|nocheck)'), file);
    }
  });
});

describe('programs', () => {
  for (const file of listFiles(programs, '.ts')) {
    test(`${file} uses the library by its public entries`, () => {
      const folder = file.split('/')[0];
      for (const from of importsOf(file)) {
        const target = from.startsWith('.') ? normalize(join(dirname(file), from)) : from;
        const own = !from.startsWith('.') || target.startsWith(`${folder}/`);
        assert.ok(own && !from.startsWith('#'), `${file} must not import ${from}`);
      }
    });
  }

  for (const file of listFiles(['conformance'], '.ts')) {
    test(`${file} judges the library without using it`, () => {
      for (const from of importsOf(file)) {
        const inside = normalize(join(dirname(file), from)).startsWith('conformance/');
        const own = !from.startsWith('.') || inside;
        const library = /^hawser\b/.test(from) && !file.includes('adapter');
        assert.ok(own && !library && !from.startsWith('#'), `${file} must not import ${from}`);
      }
    });
  }

  for (const file of listFiles(['examples'], '.ts')) {
    test(`${file} has at most ${maxExampleLines} lines`, () => {
      assert.ok(lineCount(file) <= maxExampleLines, `${lineCount(file)} lines`);
    });
  }
});
