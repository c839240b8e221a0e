import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { reset } from '../../src/testing/reset.ts';
import { tcpPair } from '../support/socket-pair.ts';

test('a reset reaches the peer instead of FIN', async () => {
  const { server, client } = await tcpPair();
  client.on('end', () => assert.fail('an orderly end'));
  client.resume();
  reset(server);
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNRESET');
});

test('a reset does not wait for what is unsent to a peer that does not read', async () => {
  const { server, client } = await tcpPair();
  server.write(Buffer.alloc(50_000_000));
  assert.ok(server.writableLength > 0);
  reset(server);
  await once(server, 'close');
  client.destroy();
});

test('a socket that is closed already may be reset', async () => {
  const { server, client } = await tcpPair();
  client.destroy();
  server.destroy();
  await Promise.all([once(client, 'close'), once(server, 'close')]);
  reset(server);
});
