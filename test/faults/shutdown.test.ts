import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clientsChild, serverChild } from './child.ts';

const clientCount = 1_000;
const each = 10;
const inFlight = clientCount * each;

test(`fault: SIGTERM with ${clientCount} clients and ${inFlight} accepted messages on their way loses none`, async (t) => {
  const { server, url } = await serverChild(t);
  const clients = await clientsChild(t, url, clientCount);
  // The clients' process is busy with the first messages while the others are still sent.
  server.ask('push', { count: each, size: 2_000 });
  const pushed = await server.tells('pushed');
  assert.equal(pushed['accepted'], inFlight);
  server.kill('SIGTERM');

  assert.deepEqual(await clients.does('closed'), {
    name: 'closed',
    open: 0,
    received: inFlight,
    disordered: 0,
    codes: { 1012: clientCount },
  });
  const ended = await server.tells('ended');
  assert.deepEqual(ended['codes'], { 1012: clientCount });
  assert.deepEqual(await server.exited, { code: 0, signal: null });
});

test(`fault: SIGTERM amid ${inFlight} messages to the server: each is handled, and each accepted answer arrives`, async (t) => {
  const { server, url } = await serverChild(t, { after: inFlight / 4 });
  const clients = await clientsChild(t, url, clientCount);
  clients.ask('send', { count: each, size: 1_000 });
  await server.tells('after');
  server.kill('SIGTERM');

  const closed = await clients.does('closed');
  const sent = await clients.tells('sent');
  const ended = await server.tells('ended');
  assert.deepEqual(closed['codes'], { 1012: clientCount });
  assert.equal(closed['disordered'], 0);
  assert.equal(ended['handled'], sent['sent'], 'whatever the clients had accepted was handled');
  assert.equal(closed['received'], ended['accepted'], 'whatever the server accepted arrived');
  assert.equal(ended['failed'], 0);
  assert.deepEqual(await server.exited, { code: 0, signal: null });
});
