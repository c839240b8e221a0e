import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

/** Imports an entry where the getter of one export of node:tls tells that it was read. */
const script = `
  const builtin = process.getBuiltinModule('node:tls');
  const get = () => console.log('read');
  Object.defineProperty(builtin, 'DEFAULT_MIN_VERSION', { get, enumerable: true, configurable: true });
  await import(process.argv[1]);
  console.log('imported');
`;

async function outputOf(entry: string): Promise<string> {
  const options = ['--input-type=module', '--eval', script, entry];
  return (await promisify(execFile)(process.execPath, options)).stdout;
}

test('to import node:tls by names reads its getters', async () => {
  assert.equal(await outputOf('node:tls'), 'read\nimported\n');
});

test('hawser reads none of them', async () => {
  const entry = new URL('../../src/index.js', import.meta.url);
  assert.equal(await outputOf(entry.href), 'imported\n');
});
