import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openingRequest, RawClient } from '../server/raw-client.ts';
import { serving, type Serving } from '../server/serving.ts';
import { testCertificate } from '../support/certificate.ts';

const handshakeTimeout = 300;

/** How long it takes until the server hangs up, in milliseconds, and what it says. */
async function patience({ connect }: Serving, send: (client: RawClient) => void) {
  const began = performance.now();
  const client = await connect();
  send(client);
  const said = String(await client.rest()).split('\r\n')[0];
  return { time: performance.now() - began, said };
}

function assertInTime(time: number): void {
  assert.ok(time >= handshakeTimeout - 5 && time < handshakeTimeout + 1_500, `${time} ms`);
}

const head = openingRequest('/');

test('HS-23: who sends nothing, or half a head, is answered 408 at the deadline', async () => {
  const served = await serving({ '/': {} }, { handshakeTimeout });
  for (const bytes of ['', 'G', head.slice(0, -2)]) {
    const { time, said } = await patience(served, (client) => client.write(bytes));
    assertInTime(time);
    assert.equal(said, 'HTTP/1.1 408 Request Timeout');
  }
  assert.equal(served.server.stats().pendingHandshakes, 0);
  assert.deepEqual(served.server.stats().limitsHit, { handshakeTimeout: 3 });
});

test('HS-23: who sends a byte now and then gets no longer', async () => {
  const served = await serving({ '/': {} }, { handshakeTimeout });
  const { time } = await patience(served, (client) => {
    let at = 0;
    const timer = setInterval(() => client.write(head.charAt(at++)), 20);
    void client.ended.then(() => clearInterval(timer));
  });
  assertInTime(time);
});

test('HS-25: authorize that never settles gets its signal, the client 503', async () => {
  let signal: AbortSignal | undefined;
  const served = await serving(
    {
      '/': {
        authorize(request) {
          ({ signal } = request);
          return new Promise(() => {});
        },
      },
    },
    { handshakeTimeout },
  );
  const { time, said } = await patience(served, (client) => client.write(head));
  assertInTime(time);
  assert.equal(said, 'HTTP/1.1 503 Service Unavailable');
  assert.equal(signal?.aborted, true);
  assert.equal((signal.reason as { code?: string }).code, 'ERR_TIMEOUT');
  assert.deepEqual(served.server.stats().limitsHit, { handshakeTimeout: 1 });
});

test('HS-25: head and authorize share one deadline', async () => {
  const served = await serving(
    { '/': { authorize: () => new Promise(() => {}) } },
    { handshakeTimeout: 1_500 },
  );
  const { time, said } = await patience(served, (client) => {
    client.write(head.slice(0, -2));
    setTimeout(() => client.write(head.slice(-2)), 1_000);
  });
  assert.ok(time >= 1_495 && time < 2_400, `${time} ms`);
  assert.equal(said, 'HTTP/1.1 503 Service Unavailable');
});

test('TL-03: without a ClientHello, or with half of one, the socket goes at the deadline', async () => {
  const { key, cert } = await testCertificate();
  const served = await serving({ '/': {} }, { handshakeTimeout, tls: { key, cert } });
  for (const bytes of ['', '16030100a5010000a10303']) {
    const { time } = await patience(served, (client) => client.write(Buffer.from(bytes, 'hex')));
    assertInTime(time);
  }
  const { pendingHandshakes, limitsHit, refused } = served.server.stats();
  assert.equal(pendingHandshakes, 0);
  assert.deepEqual([limitsHit, refused], [{ handshakeTimeout: 2 }, { 0: 2 }]);
});

test('TL-03: TLS, head and authorize share one deadline', async () => {
  const { key, cert } = await testCertificate();
  const { server } = await serving(
    { '/': { authorize: () => new Promise(() => {}) } },
    { handshakeTimeout, tls: { key, cert } },
  );
  const began = performance.now();
  const client = await RawClient.connectTls({ port: server.address.port, ca: cert });
  client.write(head);
  assert.equal((await client.answer()).status, 503);
  assertInTime(performance.now() - began);
  client.destroy();
});
