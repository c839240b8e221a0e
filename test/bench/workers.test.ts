import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parseOptions } from '../../bench/options.ts';
import { workersSection } from '../../bench/report/markdown.ts';
import { origin } from '../../bench/report/results.ts';
import { type WorkersPoint, workersRows } from '../../bench/workers/workers.ts';

const spread = (median: number) => ({ median, min: median / 2, max: median * 2 });

const pointOf = (workers: number, throughput: number): WorkersPoint => ({
  workload: 'W1',
  workers,
  throughput: spread(throughput),
  server: spread(10),
  generator: spread(5),
});

const points = [pointOf(1, 80_000), pointOf(2, 120_000)];

describe('bench: workers', () => {
  test('the gain is over one worker, and the cores are those of server and generator', () => {
    const [head, one, two] = workersRows(points);
    assert.equal(head?.length, 7);
    const cost = ['10 (5–20)', '5 (2.5–10)'];
    assert.deepEqual(one, ['W1', '1', '80,000 (40,000–160,000)', '1', ...cost, '1.2']);
    assert.deepEqual(two, ['W1', '2', '120,000 (60,000–240,000)', '1.5', ...cost, '1.8']);
  });

  test('without the figure of one worker there is no gain', () => {
    assert.equal(workersRows(points.slice(1))[1]?.[3], '–');
  });

  test('a mode of its own, with a section of its own', () => {
    assert.equal(parseOptions(['--workers']).mode, 'workers');
    const section = workersSection({
      kind: 'workers',
      ...origin([]),
      rounds: 3,
      seconds: 1,
      points,
    });
    assert.match(section, /^## Several cores/);
    assert.match(section, /\| W1 \| 2 \|/);
  });
});
