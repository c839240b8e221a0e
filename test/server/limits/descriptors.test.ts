import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import {
  defaultMaxConnections,
  descriptorLimit,
  limitFromProc,
  limitFromReport,
} from '../../../src/server/limits/descriptors.ts';

const head = 'Limit                     Soft Limit           Hard Limit           Units     \n';

test('the soft limit is read from the text of the system', () => {
  const row = 'Max open files            1024                 524288               files     \n';
  assert.equal(limitFromProc(`${head}Max processes 5 6\n${row}`), 1024);
  assert.equal(limitFromProc('Max open files   unlimited   unlimited   files\n'), Infinity);
  for (const text of ['', head, 'Max open files   ?   ?\n']) {
    assert.equal(limitFromProc(text), undefined);
  }
});

test('elsewhere it is read from a report of Node', () => {
  assert.equal(limitFromReport({ userLimits: { open_files: { soft: 256, hard: 'x' } } }), 256);
  assert.equal(limitFromReport({ userLimits: { open_files: { soft: '256' } } }), 256);
  assert.equal(limitFromReport({ userLimits: { open_files: { soft: 'unlimited' } } }), Infinity);
  for (const report of [undefined, {}, { userLimits: {} }, { userLimits: { open_files: {} } }]) {
    assert.equal(limitFromReport(report), undefined);
  }
  assert.equal(limitFromReport({ userLimits: { open_files: { soft: -1 } } }), undefined);
  assert.equal(limitFromReport(process.report?.getReport()), descriptorLimit());
});

test('connections get 90 % of the descriptors, all of no limit, and one at least', () => {
  assert.equal(defaultMaxConnections(1024), 921);
  assert.equal(defaultMaxConnections(Infinity), Infinity);
  assert.equal(defaultMaxConnections(1), 1);
  assert.equal(defaultMaxConnections(), defaultMaxConnections(descriptorLimit()));
});

test('a process that was given fewer descriptors knows it', async () => {
  const module = fileURLToPath(import.meta.resolve('../../../src/server/limits/descriptors.js'));
  const program = `import(${JSON.stringify(module)}).then((m) => console.log(m.descriptorLimit()))`;
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    'ulimit -n 128; exec "$0" -e "$1"',
    process.execPath,
    program,
  ]);
  assert.equal(stdout, '128\n');
});
