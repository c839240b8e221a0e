import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

/** Imports an entry where the getter of one export of a built-in module tells that it was read. */
const script = `
  const [builtin, getter, entry] = process.argv.slice(1);
  const get = () => console.log('read');
  const watched = { get, enumerable: true, configurable: true };
  Object.defineProperty(process.getBuiltinModule(builtin), getter, watched);
  await import(entry);
  console.log('imported');
`;

async function outputOf(builtin: string, getter: string, entry: string): Promise<string> {
  const options = ['--input-type=module', '--eval', script, builtin, getter, entry];
  return (await promisify(execFile)(process.execPath, options)).stdout;
}

/** hawser reads no getter of a built-in module; an import by names would (ADR 0035). */
export function builtInGettersSuite(builtin: string, getter: string): void {
  test(`ADR 0035: to import ${builtin} by names reads its getters`, async () => {
    assert.match(await outputOf(builtin, getter, builtin), /^(?:read\n)+imported\n$/);
  });

  test(`ADR 0035: hawser reads no getter of ${builtin}`, async () => {
    const entry = new URL('../../src/index.js', import.meta.url);
    assert.equal(await outputOf(builtin, getter, entry.href), 'imported\n');
  });
}
