import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { growthChart, ratioChart } from '../../bench/report/chart.ts';
import { withSections } from '../../bench/report/document.ts';

const spread = (median: number) => ({ median, min: median - 1, max: median + 1 });

describe('bench: the page', () => {
  test('a new page has an introduction and every section', () => {
    const page = withSections(
      '',
      new Map([
        ['a.json', 'AAA'],
        ['b.json', 'BBB'],
      ]),
    );
    assert.match(page, /^# Performance\n/);
    assert.match(
      page,
      /<!-- bench\/results\/a\.json -->\n\nAAA\n\n<!-- end of a\.json -->\n\n<!--/,
    );
    assert.match(page, /BBB\n\n<!-- end of b\.json -->\n$/);
  });

  test('a section is renewed in its place, and what is written around it stays', () => {
    const page = withSections('# Mine\n\nbefore', new Map([['a.json', 'old $1']]));
    const renewed = withSections(`${page}\nafter\n`, new Map([['a.json', 'new $&']]));
    assert.match(renewed, /^# Mine\n\nbefore\n\n<!--.*-->\n\nnew \$&\n\n<!--.*-->\n\nafter\n$/);
  });
});

describe('bench: charts', () => {
  test('bars of the ratios of one kind of workload', () => {
    const figures = { peer: 'hawser', ratio: spread(3), cost: spread(1), rss: 1, load: [0] };
    const nothing = { kernel: undefined, throughput: undefined, p50: undefined, p99: undefined };
    const peers = [{ ...figures, ...nothing }];
    const workloads = [{ id: 'W1', title: '', measures: 'cpu', peers, absent: [] } as const];
    assert.deepEqual(ratioChart({ workloads }, 'cpu')?.data, [
      { group: 'W1', peer: 'hawser', value: 3, min: 2, max: 4, text: '3' },
    ]);
    assert.equal(ratioChart({ workloads }, 'memory'), undefined);
  });

  test('a line for each peer', () => {
    const points = [{ x: 10, costs: { hawser: spread(3), ws: spread(5) }, load: 0 }];
    const chart = growthChart({ id: 'a', title: 't', x: 'n', y: 'µs', points });
    assert.deepEqual(chart.data, [
      { x: 10, peer: 'hawser', value: 3, min: 2, max: 4 },
      { x: 10, peer: 'ws', value: 5, min: 4, max: 6 },
    ]);
  });
});
