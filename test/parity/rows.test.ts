import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../../scripts/root.ts';

const page = readFileSync(join(root, 'docs', 'parity.md'), 'utf8');
const rows = [...page.matchAll(/^\| (F\d{3}) \|.*\| (\w+) \|$/gm)].map(([, id = '', stands]) => ({
  id,
  stands,
}));

const testFiles = readdirSync(join(root, 'test'), { encoding: 'utf8', recursive: true })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(root, 'test', path), 'utf8'));

const titled = new Set(
  testFiles
    .flatMap((text) => text.match(/\b(?:test|it|describe|suite)\(\s*(['"`]).*?\1/g) ?? [])
    .flatMap((title) => title.match(/\bF\d{3}\b/g) ?? []),
);

test('the page on parity has every row once, in order', () => {
  const ids = Array.from({ length: 142 }, (_, index) => `F${String(index + 1).padStart(3, '0')}`);
  assert.deepEqual(
    rows.map((row) => row.id),
    ids,
  );
});

test('every row says where it stands, and what is proven has a test with its id', () => {
  const stands = new Set(['proven', 'open', 'later']);
  assert.deepEqual(
    rows.filter((row) => !stands.has(row.stands ?? '')),
    [],
  );
  const proven = rows.filter((row) => row.stands === 'proven').map((row) => row.id);
  assert.deepEqual(
    proven.filter((id) => !titled.has(id)),
    [],
  );
});

test('the ids in the titles of tests are rows of the page', () => {
  const ids = new Set(rows.map((row) => row.id));
  assert.deepEqual(
    [...titled].filter((id) => !ids.has(id)),
    [],
  );
});
