import { Buffer } from 'node:buffer';

import {
  connect,
  type Connection,
  type ConnectOptions,
  endpoint,
  type Handler,
  serve,
} from 'hawser';

import type { Setup } from './case.ts';
import { runTarget, setupPaths } from './target.ts';

const mib = 1_048_576;
const minute = 60_000;
// Everything on, so that the fuzzer's demands decide what is agreed.
const compression = {
  threshold: 0,
  windowBits: 15,
  peerWindowBits: 15,
  contextTakeover: true,
  peerContextTakeover: true,
  maxRatio: Infinity,
};
const raised = { maxMessageSize: 64 * mib, maxFragments: 1_000_000, messageTimeout: 20 * minute };
const settings = {
  echo: { ...raised, compression },
  limited: { maxMessageSize: 65_536, compression },
  plain: {},
  subprotocols: { subprotocols: ['chat', 'superchat'] },
  command: { closeTimeout: 1000 },
} satisfies Record<Setup, ConnectOptions>;

/** Echoes every message. */
const echo: Handler = {
  message(connection, message) {
    return connection.send(message) ? undefined : connection.drained().catch(() => {});
  },
};

/** Does what a text orders. */
function obey(connection: Connection, message: string | Uint8Array): void {
  const [order, code = '1000', ...reason] = Buffer.from(message).toString().split(' ');
  if (order === 'terminate') connection.terminate();
  else if (order === 'close') void connection.close(Number(code), reason.join(' '));
  else connection.send(message);
}

const handlerOf = (setup: Setup): Handler => (setup === 'command' ? { message: obey } : echo);

async function serveEcho(): Promise<number> {
  const endpoints = Object.fromEntries(
    setupPaths.map(([setup, path]) => [
      path,
      endpoint({ handler: handlerOf(setup), ...settings[setup] }),
    ]),
  );
  const server = await serve({ host: '127.0.0.1', port: 0, endpoints });
  return server.address.port;
}

async function connectEcho(url: string, setup: Setup): Promise<void> {
  try {
    const connection = await connect(url, { handler: handlerOf(setup), ...settings[setup] });
    await connection.closed;
  } catch {
    // A refused opening handshake is what several cases are about; the fuzzer judges it.
  }
}

await runTarget({ serveEcho, connectEcho });
