import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from '../scripts/root.ts';

/** The folders of tests that judge a mutant. */
export const testFolders = ['test/protocol', 'test/handshake', 'test/rfc6455', 'test/rfc7692'];

const folders = ['src', 'scripts', 'test/support', ...testFolders];
const files = ['package.json', 'tsconfig.base.json'];

/** Copies what the tests of the pure layers need to a folder of its own and gives that folder. */
export function makeCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), 'hawser-mutation-'));
  for (const path of [...folders, ...files]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const main = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as object;
  // A mutant need not satisfy the type checker: whether a test notices it is the question.
  const build = { ...main, include: ['src', 'test'], exclude: ['**/node_modules'] };
  writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify(build));
  return copy;
}

/** The command that compiles a copy, from within it, without judging its types. */
export const buildCommand = 'node node_modules/typescript/bin/tsc -p . --noCheck';

/** Compiles a copy. */
export function build(copy: string): void {
  const { status, stdout } = spawnSync(buildCommand, { cwd: copy, shell: true, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the copy does not compile:\n${stdout}`);
}

/** Removes a copy. */
export function removeCopy(copy: string): void {
  rmSync(copy, { recursive: true, force: true });
}
