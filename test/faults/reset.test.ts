import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConnectionClosedError } from 'hawser';

import { echoThroughProxy } from './echo-through-proxy.ts';

test('fault: RST to both ends mid-message: each is told, nobody else notices', async (t) => {
  const { proxy, client, ended, canary, messages } = await echoThroughProxy(t);
  client.send('half of ', { fin: false });
  await client.ping();
  proxy.reset();
  for (const info of [await ended, await client.closed]) {
    const { code, wasClean, initiator, retryable, error } = info;
    assert.deepEqual(
      [code, wasClean, initiator, retryable],
      [1006, false, 'network', true],
      String(error),
    );
    assert.match(String(error), /ECONNRESET/);
  }
  assert.deepEqual(messages, []);
  await canary();
});

test('fault: RST inside a frame: what was whole is delivered, the rest is not', async (t) => {
  const { proxy, client, ended, canary, messages } = await echoThroughProxy(t);
  const [connection] = proxy.connections;
  assert.ok(connection !== undefined);
  // Two frames of 106 bytes, a header of 6 and 100 of payload, of which the second one is cut.
  const after = connection.upstream.forwarded + 106 + 50;
  connection.set({ cut: { after, by: 'rst' } }, 'upstream');
  client.send('1'.repeat(100));
  client.send('2'.repeat(100));
  const { code, initiator } = await ended;
  assert.deepEqual([code, initiator], [1006, 'network']);
  assert.deepEqual(messages, ['1'.repeat(100)]);
  assert.equal((await client.closed).code, 1006);
  await canary();
});

test('fault: RST to the server alone while it sends: it stops, and its client finds out by itself', async (t) => {
  const heartbeat = { interval: 200, timeout: 300 };
  const { proxy, client, ended, server, canary } = await echoThroughProxy(t, { client: heartbeat });
  let echoed = 0;
  const reading = (async () => {
    for await (const _ of client) if (++echoed === 10) proxy.reset('upstream');
  })();
  for (let sent = 0; sent < 100; sent++) client.send('x'.repeat(10_000));
  await assert.rejects(reading, ConnectionClosedError);
  assert.equal((await ended).initiator, 'network');
  assert.equal((await client.closed).initiator, 'network');
  assert.equal(server.connections.size, 1, 'the canary is left');
  await canary();
});

test('fault: RST amid the closing handshake: it is over at once and unclean', async (t) => {
  const { proxy, client, ended } = await echoThroughProxy(t);
  proxy.hold('upstream');
  const closing = client.close(1000, 'bye');
  proxy.reset('downstream');
  const { code, wasClean, phase, sentCode } = await closing;
  assert.deepEqual([code, wasClean, phase, sentCode], [1006, false, 'closing', 1000]);
  proxy.reset('upstream');
  assert.equal((await ended).phase, 'open');
});
