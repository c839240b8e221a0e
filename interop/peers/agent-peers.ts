import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { abilitiesWithin, type Limit } from '../matrix/limit.ts';
import { ordinaryRow, type Row } from '../matrix/row.ts';
import {
  againstClient,
  againstServer,
  startAgentClient,
  type AgentCommandLine,
} from '../matrix/stages.ts';
import { compile } from '../setup/compile.ts';
import { run } from '../setup/process.ts';
import { nodeAgent, peerSource, root } from '../setup/workspace.ts';
import {
  offeredSubprotocols,
  subprotocol,
  type Deflate,
  type Subject,
} from '../subject/subject.ts';
import type { Peer } from './peer.ts';

/** Why libwebsockets 4.1 is not met with hawser's defaults for deflate, and what it cannot do. */
const libwebsocketsLimits: readonly Limit[] = [
  { lacks: 'empty-close', because: 'its Close always has a code' },
  {
    role: 'client',
    deflate: ['on'],
    because: 'ignores server_max_window_bits, so that the handshake ends; no limit is asked for',
  },
  {
    role: 'server',
    deflate: ['on'],
    because: 'loops for ever over a message that is not compressed; all are compressed',
  },
  {
    lacks: 'ping',
    role: 'server',
    deflate: ['all', 'takeover'],
    because: 'loops for ever over a Pong once deflate is negotiated',
  },
  {
    lacks: 'empty-in-window',
    deflate: ['takeover'],
    because: 'aborts when it sends an empty message after another in a kept window',
  },
];

/** A peer that is one program with the agent's command line. */
interface AgentPeer {
  readonly name: string;
  readonly packages: readonly string[];
  readonly agentRoles: readonly ('client' | 'server')[];
  readonly deflates: readonly Deflate[];
  readonly limits: readonly Limit[];
  prepare(): Promise<string>;
  readonly command: AgentCommandLine;
}

/** The interpreter Debian's Python packages belong to; another may come first in PATH. */
const debianPython = '/usr/bin/python3';
const allDeflates: readonly Deflate[] = ['off', 'on', 'takeover'];
const programs = new Map<string, string>();

async function npmVersion(name: string): Promise<string> {
  const manifest = join(root, 'node_modules', name, 'package.json');
  return (JSON.parse(await readFile(manifest, 'utf8')) as { readonly version: string }).version;
}

async function build(source: string, library: string): Promise<string> {
  programs.set(source, await compile(source, library));
  const version = await run({ program: 'pkg-config', args: ['--modversion', library] });
  return version.replace(/[^\d.]+$/, '');
}

function built(source: string): AgentCommandLine {
  return (role, deflate, url) => ({
    program: programs.get(source) ?? source,
    args: [role, deflate, url],
  });
}

const agents: readonly AgentPeer[] = [
  {
    name: 'ws',
    packages: [],
    agentRoles: ['server', 'client'],
    deflates: allDeflates,
    limits: [],
    prepare: () => npmVersion('ws'),
    command: (...words) => nodeAgent('ws-agent', words),
  },
  {
    name: 'undici',
    packages: [],
    agentRoles: ['client'],
    deflates: allDeflates,
    limits: [{ lacks: 'fragments', because: 'sends every message as one frame' }],
    prepare: () => npmVersion('undici'),
    command: (...words) => nodeAgent('undici-agent', words),
  },
  {
    name: 'python websockets',
    packages: ['python3-websockets'],
    agentRoles: ['server', 'client'],
    deflates: allDeflates,
    limits: [{ lacks: 'empty-close', because: 'its Close always has a code' }],
    prepare: () =>
      run({
        program: debianPython,
        args: ['-c', 'from websockets.version import version; print(version)'],
      }),
    command: (...words) => ({
      program: debianPython,
      args: [peerSource('agents/websockets_agent.py'), ...words],
    }),
  },
  {
    name: 'libwebsockets',
    packages: ['libwebsockets-dev', 'gcc', 'pkg-config', 'libc6-dev'],
    agentRoles: ['server', 'client'],
    deflates: ['off', 'all', 'takeover'],
    limits: libwebsocketsLimits,
    prepare: () => build('lws_agent.c', 'libwebsockets'),
    command: built('lws_agent.c'),
  },
  {
    name: 'Qt WebSockets',
    packages: ['libqt5websockets5-dev', 'g++', 'pkg-config'],
    agentRoles: ['server', 'client'],
    deflates: ['off'],
    limits: [
      { because: 'Qt 5 has no deflate' },
      { lacks: 'subprotocol', because: 'Qt 5 has no subprotocols' },
      { lacks: 'empty-close', because: 'its Close always has a code' },
    ],
    prepare: () => build('qt_agent.cpp', 'Qt5WebSockets'),
    command: built('qt_agent.cpp'),
  },
];

function rowOf(
  peer: AgentPeer,
  subject: Subject,
  role: 'client' | 'server',
  deflate: Deflate,
): Row {
  const abilities = abilitiesWithin(peer.limits, deflate, role);
  const knows = abilities.has('subprotocol');
  return ordinaryRow({
    peer: peer.name,
    role,
    deflate,
    abilities,
    openStage() {
      if (role === 'client') {
        const options = { deflate, subprotocols: knows ? offeredSubprotocols : [] };
        return againstServer(subject, options, peer.command('server', deflate, ''));
      }
      const options = { deflate, subprotocols: [subprotocol] };
      return againstClient(subject, options, (url) =>
        startAgentClient(peer.command('client', deflate, url)),
      );
    },
  });
}

/** The command line of the `ws` agent, which also speaks through the proxies. */
export function wsAgentClient(deflate: Deflate, url: string) {
  return startAgentClient(nodeAgent('ws-agent', ['client', deflate, url]));
}

/** Every peer that echoes in one or both roles. */
export const agentPeers: readonly Peer[] = agents.map((agent) => ({
  name: agent.name,
  packages: agent.packages,
  limits: agent.limits,
  prepare: () => agent.prepare(),
  rows: ({ subject }) =>
    agent.agentRoles.flatMap((agentRole) =>
      agent.deflates.map((deflate) =>
        rowOf(agent, subject, agentRole === 'server' ? 'client' : 'server', deflate),
      ),
    ),
}));
