import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import {
  type CloseInfo,
  connect,
  type Connection,
  type ConnectionOptions,
  type HeartbeatOptions,
  serve,
  type Server,
} from 'hawser';
import { type FaultProxy, faultProxy } from 'hawser/testing';

/** A server, a client behind a fault proxy, and a canary that is connected directly. */
export interface EchoThroughProxy {
  readonly server: Server;
  readonly proxy: FaultProxy;
  /** The end of the client behind the proxy. */
  readonly client: Connection;
  /** The server's end of the same connection. */
  readonly behind: Connection;
  /** What the server was sent through the proxy. */
  readonly messages: unknown[];
  /** How the connection through the proxy ended for the server. */
  readonly ended: Promise<CloseInfo>;
  /** Another connection still echoes. */
  canary(): Promise<void>;
}

/** Connects through a proxy to a server that echoes; all ends with the test. */
export async function echoThroughProxy(
  t: TestContext,
  given: {
    readonly server?: ConnectionOptions;
    readonly client?: HeartbeatOptions;
    readonly echo?: boolean;
  } = {},
): Promise<EchoThroughProxy> {
  const messages: unknown[] = [];
  const opened: Connection[] = [];
  const server = await serve({
    host: '127.0.0.1',
    port: 0,
    endpoints: {
      '/canary': { message: (connection, message) => connection.send(message) },
      '/echo': {
        ...given.server,
        open: (connection) => void opened.push(connection),
        async message(connection, message) {
          messages.push(message);
          if (!connection.send(message) && connection.state === 'open') await connection.drained();
        },
      },
    },
  });
  const base = `ws://127.0.0.1:${server.address.port}`;
  const direct = await connect(`${base}/canary`);
  const proxy = await faultProxy({ target: `${base}/echo` });
  t.diagnostic(`seed ${proxy.seed}`);
  const client = await connect(proxy.url, { heartbeat: given.client ?? {} });
  // The server's `open` may run a moment after the client's end is open.
  await client.ping();
  const [behind] = opened;
  assert.ok(behind !== undefined);
  t.after(async () => {
    await proxy.close();
    await server.close();
  });
  const canary = async (): Promise<void> => {
    direct.send('still there');
    assert.equal(await direct.receive({ timeout: 10_000 }), 'still there');
  };
  return { server, proxy, client, behind, messages, ended: behind.closed, canary };
}
