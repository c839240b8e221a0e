import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

import { root } from './root.ts';

/** Lists our files below the given folders of the repository whose names end as told, sorted. */
export function listFiles(folders: readonly string[], ending: string): string[] {
  const files: string[] = [];
  for (const folder of folders) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      const path = relative(root, join(entry.parentPath, entry.name));
      const ours = !path.split('/').includes('node_modules');
      if (ours && entry.isFile() && entry.name.endsWith(ending)) files.push(path);
    }
  }
  return files.toSorted();
}

/** Gives the compiled file of a TypeScript source, both relative to the root. */
export function builtFile(source: string): string {
  return join('dist', source.replace(/\.ts$/, '.js'));
}

/** Gives the test file that a source file must have: the same path below `test`. */
export function testFileOf(source: string): string {
  return source.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts');
}

/** Tells whether a source needs a test of its own: it is no entry and compiles to more than nothing. */
export function needsTest(source: string): boolean {
  if (source.endsWith('/index.ts')) return false;
  const code = readFileSync(join(root, builtFile(source)), 'utf8')
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replace(/export \{\s*\};/, '');
  return code.trim() !== '';
}
