import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { testCertificate } from '../../support/certificate.ts';
import { openingRequest, RawClient } from '../raw-client.ts';
import { start } from './starting.ts';

test('TL-03: garbage, silence and half a hello on a TLS port end nothing and print nothing', async (t) => {
  const write = t.mock.method(process.stderr, 'write', () => true);
  const { key, cert } = await testCertificate();
  const { port } = await start({}, 200, { key, cert });
  for (const input of ['', 'GET / HTTP/1.1\r\n\r\n', Buffer.from('16030100a501', 'hex')]) {
    const client = await RawClient.connect({ port });
    const before = performance.now();
    client.write(input);
    await client.ended;
    client.destroy();
    assert.ok(performance.now() - before < 5_000);
  }
  const reset = await RawClient.connect({ port });
  reset.write(Buffer.from('16030100a501', 'hex'));
  reset.socket.resetAndDestroy();
  const good = await RawClient.connectTls({ port, ca: cert });
  good.write(openingRequest());
  assert.equal((await good.answer()).status, 418);
  good.destroy();
  assert.equal(write.mock.callCount(), 0);
});

test('behind TLS the deadline counts from the TCP connection and the answer is 408', async () => {
  const { key, cert } = await testCertificate();
  const { port } = await start({}, 150, { key, cert });
  const client = await RawClient.connectTls({ port, ca: cert });
  assert.equal((await client.answer()).status, 408);
  client.destroy();
});

test('TL-03: on a unix socket, which has no addresses, a silent client is dropped as well', async () => {
  const { key, cert } = await testCertificate();
  const folder = await mkdtemp(join(tmpdir(), 'hawser-'));
  after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'socket');
  await start({}, 150.5, { key, cert }, path);
  const silent = await RawClient.connect({ path });
  const quiet = await RawClient.connectTls({ path, ca: cert });
  assert.equal((await quiet.answer()).status, 408);
  assert.equal(String(await silent.rest()), '');
  for (const client of [silent, quiet]) client.destroy();
});

test('without a handshakeTimeout nobody is dropped', async () => {
  const { key, cert } = await testCertificate();
  for (const tls of [undefined, { key, cert }]) {
    const { port } = await start({}, Infinity, tls);
    const client = await (tls === undefined
      ? RawClient.connect({ port })
      : RawClient.connectTls({ port, ca: cert }));
    client.write(openingRequest());
    assert.equal((await client.answer()).status, 418);
    client.destroy();
  }
});
