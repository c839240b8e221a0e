import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parsedFrame, receiveIn } from '../../bench/growth/parsing.ts';
import { allSeries, socketsOf } from '../../bench/growth/series.ts';
import { framePieces } from '../../bench/micro/frame-pieces.ts';
import { measurePiece } from '../../bench/micro/micro.ts';

describe('bench: growth', () => {
  test('a message comes whole in however many reads', () => {
    for (const reads of [1, 2, 999, 100_000]) assert.equal(receiveIn(reads, parsedFrame()), true);
  });

  test('a message without its last byte does not come', () => {
    assert.equal(receiveIn(10, parsedFrame().subarray(0, -1)), false);
  });

  test('every series says how many sockets a point takes', () => {
    const sockets = Object.fromEntries(
      allSeries.map(({ id, points }) => [id, points.map(([, workload]) => socketsOf(workload))]),
    );
    assert.deepEqual(sockets, {
      memory: [100, 1_000, 10_000],
      connections: [100, 1_000, 10_000],
      subscribers: [11, 101, 1_001, 10_001],
      size: [64, 64, 64, 64, 8, 2],
    });
  });
});

describe('bench: pieces', () => {
  test('a piece is measured beside the plainest way', async () => {
    const [piece] = framePieces;
    assert.ok(piece !== undefined);
    const { id, cost, ratio } = await measurePiece(piece, 1);
    assert.equal(id, 'decode-32');
    assert.ok(cost.median > 0 && ratio.median > 0);
  });
});
