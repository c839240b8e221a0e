import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { baselineOf, lossOf, ratiosOf } from '../../bench/guarding/baseline.ts';
import type { Matrix, PeerFigures } from '../../bench/report/results.ts';
import { machine } from '../../bench/setup/machine.ts';

function peer(name: string, ratio: number): PeerFigures {
  const spread = { median: ratio, min: ratio, max: ratio };
  return {
    peer: name,
    ratio: spread,
    cost: spread,
    kernel: undefined,
    throughput: undefined,
    p50: undefined,
    p99: undefined,
    rss: 1,
    load: [0],
  };
}

function matrix(date: string, node: string): Matrix {
  return {
    kind: 'matrix',
    date,
    command: '',
    machine: { ...machine(), node },
    rounds: 1,
    seconds: 1,
    seed: 1,
    versions: {},
    workloads: [
      {
        id: 'W1',
        title: '',
        measures: 'cpu',
        peers: [peer('ws', 1), peer('hawser', 1.5)],
        absent: [],
      },
      { id: 'W2', title: '', measures: 'cpu', peers: [peer('ws', 1)], absent: [] },
    ],
  };
}

describe('bench: what the guard compares with', () => {
  const results = [
    matrix('2026-01-01', '20.19.0'),
    matrix('2026-03-01', '24.1.0'),
    matrix('2026-02-01', '20.20.2'),
  ];

  test('the newest matrix of the same line of Node, else the newest', () => {
    assert.equal(baselineOf(results, '20.30.0')?.date, '2026-02-01');
    assert.equal(baselineOf(results, '22.0.0')?.date, '2026-03-01');
    assert.equal(baselineOf([], '20.0.0'), undefined);
  });

  test('of each workload the ratio of hawser, where it has one', () => {
    assert.deepEqual([...ratiosOf(matrix('2026-01-01', '20.0.0'))], [['W1', 1.5]]);
  });

  test('a loss is a smaller ratio of CPU time, or a greater one of memory', () => {
    assert.equal(lossOf(2, 1, 'cpu'), 0.5);
    assert.equal(lossOf(1, 2, 'cpu'), -1);
    assert.equal(lossOf(0.5, 1, 'memory'), 0.5);
    assert.equal(lossOf(1, 0.5, 'memory'), -1);
  });
});
