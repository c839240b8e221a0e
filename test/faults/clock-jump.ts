import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { TestContext } from 'node:test';

import { connect } from 'hawser';
import { faultProxy } from 'hawser/testing';

import { type Child, type ChildOptions, serverChild } from './child.ts';

const heartbeat = { interval: 300, timeout: 400 };

/** A day back and a day forward, in seconds. */
export const days = [-86_400, 86_400] as const;

/** Lets a server's clock jump: connections stay, and deadlines are kept by how long they take. */
export async function surviveClockJump(
  t: TestContext,
  childOptions: ChildOptions,
  seconds: number,
  jump: (server: Child) => void,
): Promise<void> {
  const { server, url } = await serverChild(t, { heartbeat }, childOptions);
  const seen = new EventEmitter();
  const client = await connect(url, {
    handler: {
      ping: () => void seen.emit('ping'),
      message: (_connection, message) => void seen.emit('message', message),
    },
  });
  await using proxy = await faultProxy({ target: url });
  const doomed = await connect(proxy.url);

  jump(server);
  const { now } = await server.does('time');
  assert.equal(Math.round((Number(now) - Date.now()) / 60_000), seconds / 60, 'another day');
  for (let count = 0; count < 3; count++) await once(seen, 'ping');
  const echo = once(seen, 'message');
  client.send('what day is it?');
  assert.deepEqual(await echo, ['what day is it?']);
  const { codes, open } = await server.does('counts');
  assert.deepEqual([codes, open], [{}, 2]);

  // A peer that really is gone goes after interval and timeout, by the clock of the test.
  const gone = performance.now();
  await doomed.ping();
  proxy.hold();
  assert.equal((await server.tells('closed'))['code'], 1006);
  const noticed = performance.now() - gone;
  assert.ok(noticed > 0.9 * heartbeat.interval + heartbeat.timeout, `${noticed} ms`);
  const newcomer = await connect(url);
  assert.equal((await newcomer.close()).wasClean, true);
  assert.equal((await client.close()).wasClean, true);
  doomed.terminate();
}
