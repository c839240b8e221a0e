import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { type Finding, readFindings, writeFinding } from '../../fuzz/engine/findings.ts';
import { Judge } from '../../fuzz/engine/judge.ts';
import { catalogue } from '../../fuzz/targets/catalogue.ts';
import { root } from '../../scripts/root.ts';

test('findings are read as they were written', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-findings-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const kept: Finding = {
    target: 'a',
    kind: 'crash',
    detail: 'b',
    seed: 1,
    input: '00ff',
    cuts: [1],
  };
  const name = writeFinding(folder, kept);
  assert.match(name, /^a-crash-[0-9a-f]{8}\.json$/);
  assert.deepEqual(readFindings(folder), [[name, kept]]);
  assert.deepEqual(readFindings(join(folder, 'missing')), []);
});

for (const [name, { target, input, cuts }] of readFindings(join(root, 'fuzz', 'findings'))) {
  test(`${name}: what once failed passes`, async () => {
    const known = catalogue.find(({ name }) => name === target);
    assert.ok(known !== undefined, `there is no target ${target}`);
    const bytes = Buffer.from(input, 'hex');
    const bytewise = Array.from(bytes, (_, index) => index);
    const { fault } = await new Judge(known).judge(bytes, [cuts, bytewise]);
    assert.equal(fault, undefined);
  });
}
