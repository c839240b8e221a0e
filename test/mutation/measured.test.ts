import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import {
  changedSources,
  expectedMutants,
  mutatedSources,
  shuffled,
} from '../../mutation/choice.ts';
import { merged, readMeasured, stateOf, type Measurement } from '../../mutation/measured.ts';
import { reasonFor, score } from '../../mutation/survivors.ts';
import { root } from '../../scripts/root.ts';

const survivor = { line: 1, mutator: 'm', original: 'a', replacement: 'b' };

function row(file: string, killed: number, state = ''): Measurement {
  return { file, date: '2026-01-01', state, killed, survivors: [survivor] };
}

test('a run over some sources renews their figures and keeps the others', () => {
  const older = [row('a', 1), row('b', 2), row('gone', 3)];
  assert.deepEqual(merged(['a', 'b', 'c'], older, [row('c', 5), row('b', 4)]), [
    row('a', 1),
    row('b', 4),
    row('c', 5),
  ]);
});

test('a source has changed when it reads otherwise than when it was measured, or was never', () => {
  const sources = mutatedSources();
  assert.ok(sources.includes('src/protocol/frame/mask.ts'));
  assert.deepEqual(changedSources(sources, []), sources);
  const [first = '', ...others] = sources;
  const measured = others.map((file) => row(file, 1, stateOf(root, file)));
  assert.deepEqual(changedSources(sources, measured), [first]);
  assert.deepEqual(changedSources(sources, [row(first, 1, 'other'), ...measured]), [first]);
});

test('the state of a source is that of its own test as well, however lines end', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-state-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const stateWith = (source: string, tests: string) => {
    write('src/a/b.ts', source);
    write('test/a/b.test.ts', tests);
    return stateOf(folder, 'src/a/b.ts');
  };
  const state = stateWith('a\nb\n', 'c\n');
  assert.equal(stateWith('a\r\nb\r\n', 'c\r\n'), state);
  assert.notEqual(stateWith('a\nb\n', 'd\n'), state);
  assert.notEqual(stateWith('a\nd\n', 'c\n'), state);
  rmSync(folder, { recursive: true });
});

test('a seed gives the same slice again, another seed another one', () => {
  const files = mutatedSources();
  assert.deepEqual(shuffled(files, 7), shuffled(files, 7));
  assert.notDeepEqual(shuffled(files, 7), shuffled(files, 8));
  assert.deepEqual(shuffled(files, 7).toSorted(), files);
});

test('how many mutants a source has is known from the last time, else guessed from its lines', () => {
  const file = 'src/protocol/opcode.ts';
  assert.equal(expectedMutants(file, [row(file, 8)]), 9);
  assert.ok(expectedMutants(file, []) > 10);
});

test('what is recorded holds: 90 % of each source, or a reason for each survivor', () => {
  for (const measurement of readMeasured()) {
    const { file, survivors } = measurement;
    const unexplained = survivors.filter((one) => reasonFor(file, one) === undefined);
    assert.ok(score([measurement]) >= 90 || unexplained.length === 0, file);
  }
});
