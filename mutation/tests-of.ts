import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Finds what a compiled module imports, directly and through others, as paths in `folder`. */
function reached(folder: string, start: string): Set<string> {
  const found = new Set<string>();
  const open = [start];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file) || !existsSync(join(folder, file))) continue;
    found.add(file);
    const code = readFileSync(join(folder, file), 'utf8');
    for (const [, from = ''] of code.matchAll(/\bfrom\s*'(\.[^']+)'/g)) {
      open.push(normalize(join(dirname(file), from)));
    }
  }
  return found;
}

/** Gives those of the compiled test files that reach a compiled source by their imports. */
export function testsThatReach(
  folder: string,
  source: string,
  tests: readonly string[],
): readonly string[] {
  return tests.filter((test) => reached(folder, test).has(source));
}
