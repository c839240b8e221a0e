import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sharedBudgets } from '../../../src/connection/limits/shared-budgets.ts';
import { ServerTally } from '../../../src/server/stats.ts';
import { sumOfStats } from '../../../src/server/workers/sum.ts';

const limits = { maxConnections: 10, maxConnectionsPerAddress: Infinity, maxPendingHandshakes: 5 };

function statsOf(prepare: (tally: ServerTally) => void) {
  const tally = new ServerTally();
  prepare(tally);
  const state = { connections: [], pendingHandshakes: 2, limits };
  return tally.snapshot({ ...state, budgets: sharedBudgets });
}

test('counts are added up by name, also those that only one worker has', () => {
  const one = statsOf((tally) => {
    tally.onAccepted();
    tally.onRefused(503);
    tally.messagesReceived = 3;
    tally.hit('rateLimit');
  });
  const other = statsOf((tally) => {
    tally.onRefused(503);
    tally.onRefused(404);
    tally.messagesReceived = 4;
    tally.bytesSent = 5;
  });
  const sum = sumOfStats([one, other], limits);
  assert.deepEqual([sum.accepted, sum.pendingHandshakes], [1, 4]);
  assert.deepEqual(sum.refused, { 404: 1, 503: 2 });
  assert.deepEqual(sum.messages, { received: 7, sent: 0 });
  assert.deepEqual(sum.bytes, { received: 0, sent: 5 });
  assert.deepEqual(sum.limitsHit, { rateLimit: 1 });
  assert.equal(sum.memory.input.limit, 2 * sharedBudgets.input.limit);
  assert.equal(sum.limits, limits);
  assert.ok(Object.isFrozen(sum) && Object.isFrozen(sum.messages));
});

test('before any worker told its counts all are zero', () => {
  const { connections, accepted, refused, limitsHit } = sumOfStats([], limits);
  assert.deepEqual([connections, accepted, refused, limitsHit], [0, 0, {}, {}]);
});
