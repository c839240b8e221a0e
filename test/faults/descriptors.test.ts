import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect, type Connection } from 'hawser';

import { serverChild } from './child.ts';

const descriptors = 128;
const clients = 200;

async function echoes(connection: Connection, message: string): Promise<void> {
  connection.send(message);
  assert.equal(await connection.receive({ timeout: 20_000 }), message);
}

test(`RX-03: ${clients} clients of a server with ${descriptors} descriptors: who is in stays, and others follow when some leave`, async (t) => {
  const { server, url } = await serverChild(t, {}, { descriptors });
  const first = await connect(url);
  const attempts = await Promise.allSettled(Array.from({ length: clients }, () => connect(url)));
  const open = attempts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  assert.ok(open.length < descriptors, `${open.length} were accepted`);
  assert.ok(open.length > descriptors / 2, `${open.length} were accepted`);

  await echoes(first, 'the first');
  for (const connection of open) await echoes(connection, 'another');
  await assert.rejects(connect(url), 'the server is still full');
  await echoes(first, 'the first, again');

  const leaving = open.slice(0, 40);
  for (const connection of leaving) void connection.close();
  for (const _ of leaving) await server.tells('closed');
  const freed = performance.now();
  const newcomer = await connect(url);
  assert.ok(performance.now() - freed <= 1_000, `${performance.now() - freed} ms`);
  await echoes(newcomer, 'the newcomer');

  const { open: left, failed } = await server.does('counts');
  assert.deepEqual([left, failed], [open.length - leaving.length + 2, 0]);
  for (const connection of [first, newcomer, ...open]) connection.terminate();
});
