import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { allRows } from '../../attacks/catalogue.ts';
import { root } from '../../scripts/root.ts';

/** Where the inputs of a row are tried, as the page says it. */
function placeOf(inputs: (typeof allRows)[number]['inputs']): string {
  const heavy = inputs.filter(({ heavy: seconds }) => seconds !== undefined).length;
  const light = inputs.length - heavy;
  if (light === 0) return 'script';
  return heavy === 0 ? `test (${light})` : `test (${light}), script (${heavy} more)`;
}

test('the page on attacks has every row, and how many inputs it has', () => {
  const page = readFileSync(join(root, 'docs', 'attacks.md'), 'utf8');
  const [rows = ''] = page.split('### Not here yet');
  const told = [...rows.matchAll(/^\| ([A-Z]{2}-\d\d) \|.*\| ([^|]+) \|$/gm)];
  assert.deepEqual(
    told.map(([, id, place]) => `${id} ${place}`),
    allRows.map(({ id, inputs }) => `${id} ${placeOf(inputs)}`),
  );
});
