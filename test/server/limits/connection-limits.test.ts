import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConnectionLimits, type Place } from '../../../src/server/limits/connection-limits.ts';

/** Takes a place that must be there. */
function taken(limits: ConnectionLimits, address?: string): Place {
  const place = limits.take(address);
  assert.ok(typeof place === 'object');
  return place;
}

test('places are given until there are none, and again once one is given back', () => {
  const limits = new ConnectionLimits({ maxConnections: 2, maxConnectionsPerAddress: Infinity });
  const first = taken(limits, '192.0.2.1');
  taken(limits, '192.0.2.1');
  assert.equal(limits.take('192.0.2.2'), 'maxConnections');
  first.leave();
  taken(limits, '192.0.2.2');
  assert.equal(limits.take('192.0.2.3'), 'maxConnections');
});

test('a place that is given back twice counts once', () => {
  const limits = new ConnectionLimits({ maxConnections: 2, maxConnectionsPerAddress: 2 });
  const first = taken(limits, '192.0.2.1');
  taken(limits, '192.0.2.1');
  first.leave();
  first.leave();
  taken(limits, '192.0.2.1');
  assert.equal(limits.take('192.0.2.1'), 'maxConnections');
});

test('each address has its own places, each /64 as well', () => {
  const limits = new ConnectionLimits({ maxConnections: 10, maxConnectionsPerAddress: 1 });
  const first = taken(limits, '192.0.2.1');
  assert.equal(limits.take('::ffff:192.0.2.1'), 'maxConnectionsPerAddress');
  taken(limits, '192.0.2.2');
  taken(limits, '2001:db8::1');
  assert.equal(limits.take('2001:db8::ffff:1'), 'maxConnectionsPerAddress');
  taken(limits, '2001:db8:0:1::1');
  first.leave();
  taken(limits, '192.0.2.1');
});

test('peers without address, as on a unix socket, only count together', () => {
  const limits = new ConnectionLimits({ maxConnections: 2, maxConnectionsPerAddress: 1 });
  taken(limits);
  taken(limits);
  assert.equal(limits.take(undefined), 'maxConnections');
});
