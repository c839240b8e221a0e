import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { abilitiesWithin, type Limit } from '../matrix/limit.ts';
import { ordinaryRow, type Row } from '../matrix/row.ts';
import { againstClient, againstItself, type Front } from '../matrix/stages.ts';
import { startOnFreePort } from '../setup/free-port.ts';
import { PeerProcess, run } from '../setup/process.ts';
import { peerSource, workspace } from '../setup/workspace.ts';
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
const limits: readonly Limit[] = [
  { lacks: 'empty-close', because: 'hawser on both ends: its own Close always has a code' },
];

/** Fills in the configuration for this backend and starts the proxy before it. */
async function startProxy(proxy: Proxy, backend: number): Promise<Front> {
  const folder = await mkdtemp(join(workspace(), `${proxy.name}-`));
  const template = await readFile(peerSource(proxy.configuration), 'utf8');
  const file = join(folder, proxy.configuration);
  const { port, peer } = await startOnFreePort(async (free) => {
    const filled = template
      .replaceAll('FOLDER', folder)
      .replaceAll('LISTEN', String(free))
      .replaceAll('BACKEND', String(backend));
    await writeFile(file, filled);
    return new PeerProcess({ program: proxy.program, args: proxy.args(file, folder) });
  });
  return { port, log: () => peer.log, close: () => peer.stop() };
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
      abilities: abilitiesWithin(limits, deflate, 'both'),
      openStage: () => againstItself(subject, options, serverOptions, front),
    }),
    ordinaryRow({
      peer: `${proxy.name} + ws`,
      role: 'server',
      deflate,
      abilities: abilitiesWithin([], deflate, 'server'),
      openStage: () =>
        againstClient(subject, serverOptions, (url) => wsAgentClient(deflate, url), front),
    }),
  ];
}

/** The reverse proxies, with the subject behind them and the subject or `ws` before them. */
export const proxyPeers: readonly Peer[] = proxies.map((proxy) => ({
  name: proxy.name,
  packages: [proxy.name],
  limits,
  async prepare() {
    const text = await run({ program: proxy.program, args: [proxy.versionArgument] });
    return /\d+\.\d+[\w.+~-]*/.exec(text)?.[0] ?? text;
  },
  rows: ({ subject }) => deflates.flatMap((deflate) => throughProxy(proxy, subject, deflate)),
}));
