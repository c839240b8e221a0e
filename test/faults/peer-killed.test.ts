import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { type CloseInfo, connect, ConnectionClosedError, serve, type Server } from 'hawser';

import { Child, serverChild } from './child.ts';

interface Watched {
  readonly server: Server;
  readonly url: string;
  readonly messages: unknown[];
  /** How the connection ended that is not the canary's. */
  readonly ended: Promise<CloseInfo>;
}

async function watched(t: TestContext): Promise<Watched> {
  const messages: unknown[] = [];
  let end: (info: CloseInfo) => void = () => {};
  const ended = new Promise<CloseInfo>((resolve) => (end = resolve));
  const server = await serve({
    host: '127.0.0.1',
    port: 0,
    endpoints: {
      '/canary': { message: (connection, message) => connection.send(message) },
      '/watched': {
        message: (_connection, message) => void messages.push(message),
        close: (_connection, info) => end(info),
      },
    },
  });
  t.after(() => server.close());
  return { server, url: `ws://127.0.0.1:${server.address.port}`, messages, ended };
}

for (const where of ['between two fragments', 'inside a frame'] as const) {
  test(`fault: kill -9 of a client mid-message, ${where}: the end is told, nobody else notices`, async (t) => {
    const { server, url, messages, ended } = await watched(t);
    const canary = await connect(`${url}/canary`);
    const peer = new Child(t, 'half-message', [`${url}/watched`, where]);
    await peer.tells('half');
    peer.kill('SIGKILL');

    const { code, wasClean, initiator, phase, retryable, error } = await ended;
    assert.deepEqual(
      [code, wasClean, initiator, phase, retryable],
      [1006, false, 'network', 'open', true],
    );
    if (where === 'inside a frame') assert.match(String(error), /ERR_INCOMPLETE_FRAME|frame/i);
    assert.deepEqual(messages, ['whole'], 'a half message is none');
    canary.send('still there');
    assert.equal(await canary.receive({ timeout: 10_000 }), 'still there');
    assert.equal(server.connections.size, 1);
    await canary.close();
  });
}

test('fault: kill -9 of the server mid-message: the client is told, with what came before', async (t) => {
  const { server, url } = await serverChild(t);
  const client = await connect(url);
  client.send('whole');
  assert.equal(await client.receive({ timeout: 10_000 }), 'whole');
  client.send('the first half, ', { fin: false });
  const received = client.receive();
  const ping = client.ping();
  await ping;
  server.kill('SIGKILL');

  await assert.rejects(received, ConnectionClosedError);
  const { code, initiator, retryable } = await client.closed;
  assert.deepEqual([code, initiator, retryable], [1006, 'network', true]);
  assert.equal(client.send('the second half', { fin: true }), false);
  await assert.rejects(client.drained(), { code: 'ERR_NOT_OPEN' });
  await assert.rejects(connect(url), 'nobody listens there any more');
});
