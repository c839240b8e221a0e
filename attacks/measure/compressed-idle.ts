import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { connect, type Connection } from 'hawser';

/** Connections before the first measurement: they pay what is paid once, and stay open. */
const WARM_UP = 2_000;
const AT_ONCE = 50;

/** Longer than a window of 12 bits, and text as it is often sent. */
const message = Array.from(
  { length: 120 },
  (_, index) => `{"id":${index},"name":"visitor ${index * 7919}","online":true}`,
).join(',');

/**
 * Measures what one idle connection takes of the server's resident memory after one compressed
 * message in each direction (CP-17), with a window of 12 bits and memory level 5.
 */
export async function measureCompressedIdle(
  takeover: boolean,
  connections: number,
): Promise<{ bytesPerConnection: number }> {
  const server = startServer(takeover);
  try {
    const port = await answer(server);
    const address = `ws://127.0.0.1:${port}/`;
    const opened = await open(address, takeover, WARM_UP);
    const before = await memoryOf(server);
    opened.push(...(await open(address, takeover, connections)));
    const after = await memoryOf(server);
    for (const connection of opened) connection.terminate();
    return { bytesPerConnection: (after - before) / connections };
  } finally {
    server.disconnect();
  }
}

function startServer(takeover: boolean): ChildProcess {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const program = fileURLToPath(new URL(`idle-server.${extension}`, import.meta.url));
  return fork(program, [takeover ? 'takeover' : 'fresh'], {
    execArgv: [...process.execArgv, '--expose-gc'],
  });
}

async function memoryOf(server: ChildProcess): Promise<number> {
  server.send('memory');
  return answer(server);
}

async function answer(server: ChildProcess): Promise<number> {
  const [value] = (await once(server, 'message')) as [number];
  return value;
}

/** Opens connections, each of which has one message echoed. */
async function open(address: string, takeover: boolean, count: number): Promise<Connection[]> {
  const opened: Connection[] = [];
  while (opened.length < count) {
    const batch = Math.min(AT_ONCE, count - opened.length);
    const some = Array.from({ length: batch }, () => openOne(address, takeover));
    opened.push(...(await Promise.all(some)));
  }
  return opened;
}

async function openOne(address: string, takeover: boolean): Promise<Connection> {
  const connection = await connect(address, {
    heartbeat: false,
    compression: { threshold: 0, contextTakeover: takeover, peerContextTakeover: takeover },
  });
  if (!connection.extensions.includes('permessage-deflate')) throw new Error('not compressed');
  connection.send(message);
  if ((await connection.receive()) !== message) throw new Error('another message came back');
  return connection;
}
