import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { guardUsage, parseGuardOptions } from '../../bench/guarding/options.ts';

/** Runs the guard with arguments that measure nothing. */
function guard(...args: readonly string[]) {
  const program = fileURLToPath(new URL('../../bench/guard.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('bench: options of the guard', () => {
  test('without any, a short run of some workloads and the pieces', () => {
    const { help, pieces, bench } = parseGuardOptions([]);
    assert.deepEqual({ help, pieces }, { help: false, pieces: true });
    assert.deepEqual([bench.rounds, bench.seconds, bench.seed], [3, 0.8, 1]);
    assert.ok(bench.workloads.length > 5);
    assert.deepEqual(
      bench.peers.map(({ name }) => name),
      ['hawser', 'ws'],
    );
  });

  test('workloads that are asked for are compared alone', () => {
    const { pieces, bench } = parseGuardOptions(['--workloads', 'W1', '--rounds', '7']);
    assert.equal(pieces, false);
    assert.equal(bench.rounds, 7);
    assert.deepEqual(
      bench.workloads.map(({ id }) => id),
      ['W1'],
    );
    assert.equal(parseGuardOptions(['--rounds', '7']).pieces, true);
  });

  test('what it does not know is refused, as are options that only other runs have', () => {
    const unknown = { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' };
    for (const option of ['--unheard-of', '--micro', '--growth', '--report', '--profile']) {
      assert.throws(() => parseGuardOptions([option]), unknown, option);
    }
    for (const option of ['--json', '--minutes', '--peers']) {
      assert.throws(() => parseGuardOptions([option, '1']), unknown, option);
    }
    assert.throws(() => parseGuardOptions(['--rounds', '0']), /--rounds: not 0/);
  });

  test('the usage names every option that there is', () => {
    const named = [...guardUsage.matchAll(/^ {2}--(\w+)/gm)].map(([, name = '']) => name);
    assert.deepEqual(named, ['workloads', 'rounds', 'seconds', 'seed', 'help']);
    for (const name of named) {
      const value = name === 'workloads' ? 'W1' : '1';
      parseGuardOptions(name === 'help' ? ['--help'] : [`--${name}`, value]);
    }
  });
});

describe('bench: the guard', () => {
  test('prints its usage and measures nothing', () => {
    assert.deepEqual(guard('--help'), { status: 0, stdout: `${guardUsage}\n`, stderr: '' });
  });

  test('refuses an option it does not know, by its name', () => {
    const { status, stdout, stderr } = guard('--unheard-of');
    assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
    assert.match(stderr, /^bench:guard: .*--unheard-of/);
  });
});
