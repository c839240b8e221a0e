import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, TimeoutError } from 'hawser';

import { echoThroughProxy } from './echo-through-proxy.ts';

const heartbeat = { interval: 300, timeout: 400 };

test("fault: half-open link (the proxy's hold): both ends find out by their heartbeat, not before", async (t) => {
  const given = { server: { heartbeat }, client: heartbeat };
  const { proxy, client, ended, canary } = await echoThroughProxy(t, given);
  const began = performance.now();
  await client.ping();
  proxy.hold();
  for (const closed of [ended, client.closed]) {
    const { code, wasClean, initiator, phase, retryable } = await closed;
    assert.deepEqual(
      [code, wasClean, initiator, phase, retryable],
      [1006, false, 'network', 'open', true],
    );
    assert.ok(performance.now() - began > 0.9 * heartbeat.interval + heartbeat.timeout);
  }
  await canary();
});

for (const direction of ['upstream', 'downstream'] as const) {
  test(`fault: half-open link ${direction} alone (the proxy's hold): no Pong arrives, the client finds out`, async (t) => {
    const { proxy, client, ended, canary } = await echoThroughProxy(t, { client: heartbeat });
    proxy.hold(direction);
    const { code, initiator } = await client.closed;
    assert.deepEqual([code, initiator], [1006, 'network']);
    proxy.release();
    assert.equal((await ended).code, 1006, 'released, the server hears of it');
    await canary();
  });
}

test("fault: half-open link (the proxy's hold): a link that comes back in time loses nothing", async (t) => {
  const { proxy, client, messages, canary } = await echoThroughProxy(t);
  proxy.hold();
  for (let sent = 0; sent < 100; sent++) client.send(`message ${sent}`);
  await canary();
  assert.deepEqual(messages, []);
  proxy.release();
  for (let sent = 0; sent < 100; sent++) {
    assert.equal(await client.receive({ timeout: 10_000 }), `message ${sent}`);
  }
  assert.equal((await client.close()).wasClean, true);
});

test("fault: half-open link (the proxy's hold): what is sent into it ends at backpressure.timeout with 1013", async (t) => {
  const backpressure = { timeout: 400, hard: 50_000_000 };
  const given = { server: { backpressure, heartbeat: false as const } };
  const { proxy, behind, ended, canary } = await echoThroughProxy(t, given);
  proxy.hold();
  // More than the buffers of the system and of the proxy take.
  for (let sent = 0; sent < 32; sent++) behind.send(new Uint8Array(1_000_000));
  await assert.rejects(behind.drained(), { code: 'ERR_NOT_OPEN' });
  const { code, wasClean, initiator } = await ended;
  assert.deepEqual([code, wasClean, initiator], [1013, false, 'local']);
  assert.equal(behind.bufferedAmount > 0, true);
  await canary();
});

test("fault: half-open link (the proxy's hold): close() into it ends after closeTimeout", async (t) => {
  const { proxy, behind, ended } = await echoThroughProxy(t, { server: { closeTimeout: 300 } });
  proxy.hold();
  const began = performance.now();
  const { code, wasClean, phase, sentCode, initiator } = await behind.close(1001);
  assert.deepEqual(
    [code, wasClean, phase, sentCode, initiator],
    [1006, false, 'closing', 1001, 'local'],
  );
  assert.ok(performance.now() - began >= 299);
  assert.equal((await ended).code, 1006);
});

test("fault: half-open link (the proxy's hold): connecting through it ends at handshakeTimeout", async (t) => {
  const { proxy, canary } = await echoThroughProxy(t);
  proxy.hold();
  await assert.rejects(connect(proxy.url, { handshakeTimeout: 200 }), TimeoutError);
  await canary();
});
