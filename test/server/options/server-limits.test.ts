import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { attach } from '../../../src/server/attach.ts';
import { defaultMaxConnections } from '../../../src/server/limits/descriptors.ts';
import { serverLimitDefaults } from '../../../src/server/options/server-limits.ts';
import { serve } from '../../../src/server/serve.ts';

test('the defaults', () => {
  assert.deepEqual(
    { ...serverLimitDefaults() },
    {
      maxConnections: defaultMaxConnections(),
      maxConnectionsPerAddress: Infinity,
      maxPendingHandshakes: 1024,
    },
  );
  assert.ok(Object.isFrozen(serverLimitDefaults()));
});

const bad = [
  ['1mb', 'TypeError'],
  [null, 'TypeError'],
  [0, 'RangeError'],
  [-1, 'RangeError'],
  [1.5, 'RangeError'],
  [NaN, 'RangeError'],
  [-Infinity, 'RangeError'],
  [2 ** 53, 'RangeError'],
] as const;

for (const option of Object.keys(serverLimitDefaults())) {
  test(`RX-07: a wrong ${option} throws and says what is allowed`, () => {
    const message = new RegExp(`^${option} must be an integer of at least 1 or Infinity, but is `);
    for (const [value, name] of bad) {
      const options = { [option]: value } as object;
      assert.throws(() => serve({ port: 0, endpoints: {}, ...options }), { name, message });
      assert.throws(() => attach(createServer(), {}, options), { name, message });
      const endpoints = { '/': options };
      assert.throws(() => serve({ port: 0, endpoints }), { message: /unknown option/ });
    }
  });
}

test('RX-07: a misspelt key throws and names those there are', () => {
  const options = { maxConnection: 5 } as object;
  const message = /^unknown option maxConnection; allowed are .*maxConnections, /;
  assert.throws(() => serve({ port: 0, endpoints: {}, ...options }), { message });
  assert.throws(() => attach(createServer(), {}, options), { message });
});
