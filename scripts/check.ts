import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { root } from './root.ts';
import { runTests } from './run-tests.ts';

/** The tools that judge the repository, by the name printed for each. */
const tools: Record<string, readonly string[]> = {
  'lint, with types': ['oxlint', '--deny-warnings'],
  format: ['oxfmt', '--check'],
  'unused files, exports and dependencies': ['knip'],
  'the pure layers know no host': ['tsc', '-p', 'tsconfig.pure.json'],
  'the manifest': ['publint', '--strict'],
  'the published types': ['attw', '--pack', '.', '--profile', 'esm-only'],
};

/** Runs one tool and shows what it says only when it finds something. */
function passes([command = '', ...args]: readonly string[]): boolean {
  const program = join(root, 'node_modules', '.bin', command);
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) process.stdout.write(`${stdout}${stderr}`);
  return status === 0;
}

let passed = 0;
let failed = 0;

function note(name: string, good: boolean, began: number): void {
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`${good ? 'ok' : 'FAILED'}  ${name} (${seconds} s)`);
  if (good) passed += 1;
  else failed += 1;
}

for (const [name, tool] of Object.entries(tools)) {
  const began = performance.now();
  note(name, passes(tool), began);
}

const began = performance.now();
const house = await runTests(['test/architecture.test.ts', 'test/package.test.ts'], {}, 'dot');
note('the layers, the exports and the sizes', house.failed === 0, began);

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
