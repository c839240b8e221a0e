import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { summarise } from '../../bench/report/results.ts';
import { columns, markdownTable, workloadTable } from '../../bench/report/table.ts';
import { chooseWorkloads } from '../../bench/workloads.ts';

const course = (peer: string, costs: readonly number[]) => ({
  peer,
  version: '1',
  samples: costs.map((cost) => ({ cost, throughput: 1_000 / cost, rss: 50, load: 0.5 })),
});

function figuresOf(id: string) {
  const [workload] = chooseWorkloads([id]);
  assert.ok(workload !== undefined);
  const courses = [course('hawser', [1, 2, 4]), course('ws', [10, 10, 10])];
  return summarise(workload, { courses, absent: [{ peer: 'deno', reason: 'not here' }] });
}

describe('bench: summing up', () => {
  test('CPU: how many times as cheap as the reference in the same round', () => {
    const [hawser, ws] = figuresOf('W1').peers;
    assert.deepEqual(hawser?.ratio, { median: 5, min: 2.5, max: 10 });
    assert.deepEqual(hawser?.cost, { median: 2, min: 1, max: 4 });
    assert.equal(hawser?.throughput, 500);
    assert.deepEqual(ws?.ratio, { median: 1, min: 1, max: 1 });
  });

  test('memory: how much of what the reference takes', () => {
    assert.deepEqual(figuresOf('W6').peers[0]?.ratio, { median: 0.2, min: 0.1, max: 0.4 });
  });

  test('without the reference there is no ratio', () => {
    const [workload] = chooseWorkloads(['W1']);
    assert.ok(workload !== undefined);
    const { peers } = summarise(workload, { courses: [course('hawser', [1])], absent: [] });
    assert.equal(peers[0]?.ratio, undefined);
  });
});

describe('bench: tables', () => {
  test('the table of a workload names who is not there', () => {
    const text = workloadTable(figuresOf('W1'));
    assert.match(text, /^W1: echo/);
    assert.match(text, /hawser +5 \(2\.5–10\)/);
    assert.match(text, /without deno: not here/);
  });

  test('columns are of equal width', () => {
    assert.equal(
      columns([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
      '  a    bb\n  ccc   d',
    );
  });

  test('Markdown', () => {
    assert.equal(
      markdownTable([
        ['a', 'b'],
        ['c', 'd'],
      ]),
      '| a | b |\n|---|---:|\n| c | d |',
    );
  });
});
