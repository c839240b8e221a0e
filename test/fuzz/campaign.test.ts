import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Campaign, type Report } from '../../fuzz/engine/campaign.ts';
import { Coverage } from '../../fuzz/engine/coverage.ts';
import { defaultLimits } from '../../fuzz/engine/judge.ts';
import type { Target } from '../../fuzz/engine/target.ts';

const coverage = new Coverage((url) => url.includes('/toy.'));
coverage.start();
// Only what is loaded after the start of the coverage has blocks.
const toys = import('./toy.ts');
after(() => coverage.stop());

async function campaign(target: Target, milliseconds: number, seed = 1): Promise<Report> {
  return new Campaign(target, { seed, milliseconds, coverage, maxFindings: 1, limits }).run();
}

const limits = { ...defaultLimits, cpu: 10 };
const LONG = 60_000;
const SHORT = 3000;

test('a broken target is found out, though three bytes must be guessed one by one', async () => {
  const { crashing } = await toys;
  const report = await campaign(crashing, LONG);
  const [finding] = report.findings;
  assert.equal(finding?.kind, 'crash');
  assert.equal(finding.input, '827fc1');
  assert.equal(finding.seed, 1);
  assert.match(finding.detail, /cursed/);
});

test('what reaches a new block joins the corpus', async () => {
  const { healthy } = await toys;
  const report = await campaign(healthy, SHORT);
  assert.deepEqual(report.findings, []);
  assert.ok(report.corpus >= 2, `a corpus of ${report.corpus}`);
  assert.ok(report.executions > 10);
  assert.ok(report.blocks >= 3, `${report.blocks} blocks`);
});

const sorts = [
  ['slow', 'hang'],
  ['greedy', 'growth'],
  ['fickle', 'cuts'],
] as const;

for (const [name, kind] of sorts) {
  test(`a ${name} target is found out: ${kind}`, async () => {
    const report = await campaign((await toys)[name], LONG);
    assert.deepEqual(
      report.findings.map((finding) => finding.kind),
      [kind],
    );
  });
}
