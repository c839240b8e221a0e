import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import type { Ability } from '../matrix/checks.ts';
import { ordinaryRow, type Row } from '../matrix/row.ts';
import { againstClient, againstItself, type Front } from '../matrix/stages.ts';
import { PeerProcess, run } from '../setup/process.ts';
import { freePort, peerSource, workspace } from '../setup/workspace.ts';
import {
  offeredSubprotocols,
  subprotocol,
  type Deflate,
  type Subject,
} from '../subject/subject.ts';
import { wsAgentClient } from './agent-peers.ts';
import type { Peer } from './peer.ts';

interface Proxy {
  readonly name: string;
  readonly program: string;
  readonly versionArgument: string;
  readonly configuration: string;
  args(file: string, folder: string): string[];
}

const proxies: readonly Proxy[] = [
  {
    name: 'nginx',
    program: '/usr/sbin/nginx',
    versionArgument: '-v',
    configuration: 'nginx.conf',
    args: (file, folder) => ['-p', folder, '-e', 'stderr', '-c', file],
  },
  {
    name: 'haproxy',
    program: '/usr/sbin/haproxy',
    versionArgument: '-v',
    configuration: 'haproxy.cfg',
    args: (file) => ['-db', '-q', '-f', file],
  },
];

const deflates: readonly Deflate[] = ['off', 'on', 'takeover'];
const abilities: ReadonlySet<Ability> = new Set(['fragments', 'ping', 'subprotocol']);

/** Fills in the configuration for this backend and starts the proxy before it. */
async function startProxy(proxy: Proxy, backend: number): Promise<Front> {
  const folder = await mkdtemp(join(await workspace(), `${proxy.name}-`));
  const port = await freePort();
  const template = await readFile(peerSource(proxy.configuration), 'utf8');
  const file = join(folder, proxy.configuration);
  const filled = template
    .replaceAll('FOLDER', folder)
    .replaceAll('LISTEN', String(port))
    .replaceAll('BACKEND', String(backend));
  await writeFile(file, filled);
  const running = new PeerProcess({ program: proxy.program, args: proxy.args(file, folder) });
  await untilListening(running, port);
  return { port, log: () => running.log, close: () => running.stop() };
}

/** Tries to connect until somebody accepts, for at most 10 seconds. */
export async function untilListening(peer: PeerProcess, port: number): Promise<void> {
  for (let attempt = 0; attempt < 100 && peer.alive; attempt++) {
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { log } = peer;
  await peer.stop();
  throw new Error(`nobody listens on the loopback port given: ${log}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function throughProxy(proxy: Proxy, subject: Subject, deflate: Deflate): Row[] {
  const front = (port: number) => startProxy(proxy, port);
  const options = { deflate, subprotocols: offeredSubprotocols };
  const serverOptions = { deflate, subprotocols: [subprotocol] };
  return [
    ordinaryRow({
      peer: proxy.name,
      role: 'both',
      deflate,
      abilities,
      openStage: () => againstItself(subject, options, serverOptions, front),
    }),
    ordinaryRow({
      peer: `${proxy.name} + ws`,
      role: 'server',
      deflate,
      abilities: new Set([...abilities, 'empty-close']),
      openStage: () =>
        againstClient(subject, serverOptions, (url) => wsAgentClient(deflate, url), front),
    }),
  ];
}

/** The reverse proxies, with the subject behind them and the subject or `ws` before them. */
export const proxyPeers: readonly Peer[] = proxies.map((proxy) => ({
  name: proxy.name,
  packages: [proxy.name],
  async prepare() {
    const text = await run({ program: proxy.program, args: [proxy.versionArgument] });
    return /\d+\.\d+[\w.+~-]*/.exec(text)?.[0] ?? text;
  },
  rows: ({ subject }) => deflates.flatMap((deflate) => throughProxy(proxy, subject, deflate)),
}));
