// A test of what your program does on a bad network. Run it: node --test dist/examples/fault-test.js
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, serve } from 'hawser';
import { faultProxy } from 'hawser/testing';

test('a link that goes silent is noticed, and connecting again works', async () => {
  await using server = await serve({
    port: 0,
    endpoints: { '/echo': { message: (connection, message) => connection.send(message) } },
  });
  await using proxy = await faultProxy({
    target: `ws://127.0.0.1:${server.address.port}/echo`,
    seed: Number(process.env['SEED'] ?? Date.now()),
    downstream: { delay: 5, split: 16 },
  });
  console.log(`run it again with SEED=${proxy.seed}`);

  const heartbeat = { interval: 100, timeout: 200 };
  const connection = await connect(proxy.url, { heartbeat });
  connection.send('over a slow link, in small pieces');
  assert.equal(await connection.receive(), 'over a slow link, in small pieces');

  proxy.hold(); // Nothing passes any more, and nobody is told.
  const info = await connection.closed;
  assert.deepEqual([info.code, info.initiator, info.retryable], [1006, 'network', true]);

  proxy.release();
  const again = await connect(proxy.url);
  assert.equal((await again.close()).wasClean, true);
});
