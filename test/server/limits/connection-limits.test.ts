import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConnectionLimits } from '../../../src/server/limits/connection-limits.ts';

/** Takes a place that must be there. */
function take(limits: ConnectionLimits, address?: string): void {
  assert.equal(limits.take(address), undefined);
}

test('places are given until there are none, and again once one is given back', () => {
  const limits = new ConnectionLimits({ maxConnections: 2, maxConnectionsPerAddress: Infinity });
  take(limits, '192.0.2.1');
  take(limits, '192.0.2.1');
  assert.equal(limits.take('192.0.2.2'), 'maxConnections');
  limits.leave('192.0.2.1');
  take(limits, '192.0.2.2');
  assert.equal(limits.take('192.0.2.3'), 'maxConnections');
});

test('each address has its own places, each /64 as well', () => {
  const limits = new ConnectionLimits({ maxConnections: 10, maxConnectionsPerAddress: 1 });
  take(limits, '192.0.2.1');
  assert.equal(limits.take('::ffff:192.0.2.1'), 'maxConnectionsPerAddress');
  take(limits, '192.0.2.2');
  take(limits, '2001:db8::1');
  assert.equal(limits.take('2001:db8::ffff:1'), 'maxConnectionsPerAddress');
  take(limits, '2001:db8:0:1::1');
  limits.leave('::ffff:192.0.2.1');
  take(limits, '192.0.2.1');
  assert.equal(limits.take('192.0.2.1'), 'maxConnectionsPerAddress');
});

test('peers without address, as on a unix socket, only count together', () => {
  const limits = new ConnectionLimits({ maxConnections: 2, maxConnectionsPerAddress: 1 });
  take(limits);
  take(limits);
  assert.equal(limits.take(undefined), 'maxConnections');
});
