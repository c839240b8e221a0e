import { connect, createServer, type AddressInfo } from 'node:net';

import { patience } from '../matrix/mailbox.ts';
import type { PeerProcess } from './process.ts';

/** A peer that listens, and where. */
export interface Listening {
  readonly port: number;
  readonly peer: PeerProcess;
}

const attempts = 3;

/** Starts a peer that must be told its port; another port is tried if somebody took the first. */
export async function startOnFreePort(
  start: (port: number) => Promise<PeerProcess>,
): Promise<Listening> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const peer = await start(port);
    if (await listens(peer, port)) return { port, peer };
    await peer.stop();
    if (attempt === attempts) throw new Error(`the peer does not listen: ${peer.log}`);
  }
}

/** A port of the loopback interface that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Tries to connect until somebody accepts, or the peer has ended. */
async function listens(peer: PeerProcess, port: number): Promise<boolean> {
  const end = Date.now() + patience;
  while (peer.alive && Date.now() < end) {
    if (await accepts(port)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
