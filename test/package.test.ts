import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

import { root } from '../scripts/root.ts';

interface Manifest {
  version: string;
  engines: Record<string, string>;
  exports: Record<string, unknown>;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

interface Packed {
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;

/** The entries that exist: `src/index.ts` and the `index.ts` of a folder. */
const folders = readdirSync(join(root, 'src')).filter((name) =>
  existsSync(join(root, 'src', name, 'index.ts')),
);

function conditions(folder: string): Record<string, string> {
  const path = folder === '' ? 'src' : `src/${folder}`;
  return {
    'hawser-src': `./${path}/index.ts`,
    types: `./dist/${path}/index.d.ts`,
    default: `./dist/${path}/index.js`,
  };
}

function listPacked(): Packed {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [packed] = JSON.parse(
    execFileSync('npm', args, { cwd: root, encoding: 'utf8' }),
  ) as Packed[];
  assert.ok(packed !== undefined);
  return packed;
}

/** Bytes of an entry as a page or a small program would load it: bundled, minified, gzipped. */
async function bundledSize(entry: string): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'dist', 'src', entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0]?.contents ?? '').length;
}

describe('exports', () => {
  test('every entry that exists is exported with its types, and nothing else is', () => {
    const expected: Record<string, unknown> = { '.': conditions('') };
    for (const folder of folders) expected[`./${folder}`] = conditions(folder);
    expected['./package.json'] = './package.json';
    assert.deepEqual(manifest.exports, expected);
  });

  test('every entry can be imported and required by its public name', async () => {
    for (const name of Object.keys(manifest.exports)) {
      if (name === './package.json') continue;
      const specifier = name.replace('.', 'hawser');
      const imported: unknown = await import(specifier);
      const script = `process.stdout.write(Object.keys(require('${specifier}')).join())`;
      const required = execFileSync(process.execPath, ['-e', script], {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const names = (list: string[]): string[] =>
        list.filter((key) => key !== '__esModule' && key !== 'module.exports').toSorted();
      assert.deepEqual(names(required.split(',')), names(Object.keys(imported as object)), name);
    }
  });
});

describe('manifest', () => {
  test('the library has no dependencies at run time', () => {
    assert.deepEqual(manifest.dependencies ?? {}, {});
    assert.deepEqual(manifest.optionalDependencies ?? {}, {});
  });

  test('the version is the newest one in the changelog', () => {
    const newest = /^## \[(\d[^\]]*)\]/m.exec(read('CHANGELOG.md'))?.[1];
    assert.equal(newest, manifest.version);
  });
});

describe('package', () => {
  const packed = listPacked();
  const paths = packed.files.map(({ path }) => path);

  test('the package holds the build of the library, its sources and its papers', () => {
    for (const path of [
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'dist/src/index.js',
      'src/index.ts',
    ])
      assert.ok(paths.includes(path), `${path} is missing`);
    const papers = new Set(['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json']);
    const strays = paths.filter((path) => !/^(?:dist\/)?src\//.test(path) && !papers.has(path));
    assert.deepEqual(strays, []);
  });

  test('the package stays small: 500 KB to fetch, 2.1 MB with its sources and maps', () => {
    assert.ok(packed.size <= 500_000, `${packed.size} bytes packed`);
    assert.ok(packed.unpackedSize <= 2_100_000, `${packed.unpackedSize} bytes unpacked`);
  });
});

describe('size budgets, minified and gzipped', () => {
  const budgets: Record<string, number> = {
    'index.js': 54_500,
    'client/index.js': 38_500,
    'protocol/index.js': 21_000,
  };
  for (const [entry, budget] of Object.entries(budgets)) {
    test(`${entry} takes at most ${budget} bytes`, async () => {
      const size = await bundledSize(entry);
      assert.ok(size <= budget, `${size} bytes`);
    });
  }
});
