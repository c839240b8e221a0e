import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { readFindings } from '../../fuzz/engine/findings.ts';
import { readOptions } from '../../fuzz/options.ts';
import { root } from '../../scripts/root.ts';

function run(program: string, ...args: readonly string[]) {
  return spawnSync(process.execPath, [join(root, 'dist', program), ...args], { encoding: 'utf8' });
}

test('a run says its seed, a line for each target and how many passed', () => {
  const { status, stdout } = run(
    'fuzz/main.js',
    '--seconds',
    '1',
    '--seed',
    '5',
    '--target',
    'extension-header,closing',
  );
  assert.match(stdout, /^fuzz: seed 5, 1 s shared by 2 targets\n/);
  assert.match(
    stdout,
    /\nextension-header executions +\d+ +corpus +\d+ +blocks +[1-9]\d* +findings 0\n/,
  );
  assert.match(stdout, /\n2 passed, 0 failed\n$/);
  assert.equal(status, 0);
});

test('a wrong option is told in one line', () => {
  const { status, stderr } = run('fuzz/main.js', '--target', 'nothing');
  assert.match(stderr, /^fuzz: --target must be one of server-parser, .*, not nothing\n$/);
  assert.equal(status, 2);
});

test('options: a minute in all unless told, seconds or minutes, targets by name', () => {
  const { milliseconds, targets } = readOptions([]) as { milliseconds: number; targets: unknown };
  assert.deepEqual([milliseconds, targets], [60_000, undefined]);
  assert.deepEqual(
    readOptions(['--minutes', '2', '--seed', '3', '--target', 'a', '--target', 'b,c']),
    {
      milliseconds: 120_000,
      targets: ['a', 'b', 'c'],
      seed: 3,
    },
  );
  assert.throws(() => readOptions(['--seconds', '0']), RangeError);
  assert.throws(() => readOptions(['--seconds', '1', '--minutes', '1']), TypeError);
  assert.equal(readOptions(['--help']), 'help');
});

test('an input that never ends is written down, and the process ends', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-endless-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { signal, stdout } = run('test/fuzz/endless.js', folder);
  assert.equal(signal, 'SIGKILL');
  assert.match(stdout, /^endless: hang, .* \(seed 7\)\n\n0 passed, 1 failed\n$/);
  const [[, finding] = []] = readFindings(folder);
  assert.deepEqual([finding?.target, finding?.kind, finding?.input], ['endless', 'hang', '010203']);
});
