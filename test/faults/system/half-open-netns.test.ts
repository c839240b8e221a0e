import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test, type TestContext } from 'node:test';

import { type CloseInfo, connect, serve } from 'hawser';

import { clientsChild } from '../child.ts';
import { succeeds, unavailable } from './availability.ts';

const heartbeat = { interval: 300, timeout: 400 };
const name = `hawser-${process.pid}`;
const near = `hwn${process.pid}`.slice(0, 15);
const far = `hwf${process.pid}`.slice(0, 15);
const subnet = `10.213.${process.pid % 256}`;

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' });
const inside = (...args: string[]): void => ip('-n', name, ...args);

/** Two hosts joined by a cable: this one and a network namespace; gone after the test. */
function joinNamespace(t: TestContext): void {
  t.after(() => succeeds('ip', 'netns', 'delete', name));
  ip('netns', 'add', name);
  ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', name);
  ip('address', 'add', `${subnet}.1/30`, 'dev', near);
  inside('address', 'add', `${subnet}.2/30`, 'dev', far);
  ip('link', 'set', near, 'up');
  inside('link', 'set', far, 'up');
}

const skip = unavailable('ip', 'netns', 'list');

test(
  'fault: half-open link (a network namespace with its link down): both ends find out, and a new connection works when it is up again',
  { skip },
  async (t) => {
    joinNamespace(t);
    let end: (info: CloseInfo) => void = () => {};
    const ended = new Promise<CloseInfo>((resolve) => (end = resolve));
    const server = await serve({
      host: '0.0.0.0',
      port: 0,
      heartbeat,
      endpoints: {
        '/echo': {
          message: (connection, message) => connection.send(message),
          close: (connection, info) => {
            if (connection.remoteAddress?.endsWith('.2') === true) end(info);
          },
        },
      },
    });
    t.after(() => server.close());
    const { port } = server.address;
    const canary = await connect(`ws://127.0.0.1:${port}/echo`);
    const within = ['ip', 'netns', 'exec', name];
    const url = `ws://${subnet}.1:${port}/echo`;
    const client = await clientsChild(t, url, 1, { heartbeat }, { within });
    client.ask('send', { count: 1, size: 100 });
    await client.does('received', { count: 1 });

    inside('link', 'set', far, 'down');
    const { code, wasClean, initiator, phase, error } = await ended;
    assert.deepEqual(
      [code, wasClean, initiator, phase],
      [1006, false, 'network', 'open'],
      String(error),
    );
    assert.deepEqual((await client.does('closed'))['codes'], { 1006: 1 });
    canary.send('still there');
    assert.equal(await canary.receive({ timeout: 10_000 }), 'still there');

    inside('link', 'set', far, 'up');
    const again = await clientsChild(t, url, 1, { heartbeat }, { within });
    again.ask('send', { count: 1, size: 100 });
    assert.equal((await again.does('received', { count: 1 }))['open'], 1);
    canary.terminate();
  },
);
