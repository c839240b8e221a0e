import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { root } from '../../scripts/root.ts';

/** The programs in docs/testing.md: its blocks that import what they use. */
const programs = [
  ...readFileSync(join(root, 'docs/testing.md'), 'utf8').matchAll(/```ts\n([^]*?)```/g),
]
  .map(([, code = '']) => code)
  .filter((code) => code.startsWith('import'));

test('docs/testing.md has a program for the pair and one for the clock', () => {
  assert.deepEqual(
    programs.map((code) => /VirtualClock/.test(code)),
    [false, true],
  );
});

for (const [index, code] of programs.entries()) {
  test(`docs/testing.md: program ${index + 1} runs as it stands`, async () => {
    const args = ['--input-type=module', '--eval', code];
    await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 60_000 });
  });
}
