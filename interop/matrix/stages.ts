import { PeerProcess, type Command } from '../setup/process.ts';
import { answer } from '../subject/subject-agent.ts';
import type {
  Deflate,
  Ending,
  Subject,
  SubjectConnection,
  SubjectOptions,
  SubjectServer,
} from '../subject/subject.ts';
import type { Trial } from './checks.ts';
import { patience, within } from './mailbox.ts';
import type { Stage } from './row.ts';

/** Builds the agent's command for one role; a client is also given the address to connect to. */
export type AgentCommandLine = (
  role: 'client' | 'server',
  deflate: Deflate,
  url: string,
) => Command;

/** A peer that has connected, or will: a process or a tab of a browser. */
export interface AgentClient {
  readonly ending: () => Promise<Ending>;
  /** Resolves when it has ended. */
  readonly gone: Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

/** The subject as client against an agent that serves all trials of the row. */
export async function againstServer(
  subject: Subject,
  options: SubjectOptions,
  command: Command,
): Promise<Stage> {
  const agent = new PeerProcess(command);
  const [port = ''] = await agent.expect('listening', patience);
  let connection: SubjectConnection | undefined;
  return {
    async begin() {
      agent.lines.clear();
      connection = await subject.connect(`ws://127.0.0.1:${port}/`, options);
      return { connection, peerEnding: () => endingOf(agent) };
    },
    async end() {
      connection?.terminate();
    },
    log: () => agent.log,
    close: () => agent.stop(),
  };
}

/** The subject as server; every trial starts an agent of its own, directly or through a proxy. */
export async function againstClient(
  subject: Subject,
  options: SubjectOptions,
  start: (url: string) => Promise<AgentClient>,
  front?: (port: number) => Promise<Front>,
): Promise<Stage> {
  const server = await subject.serve(options);
  const entry = await openFront(server, front);
  let agent: AgentClient | undefined;
  return {
    async begin(): Promise<Trial> {
      agent = await start(`ws://127.0.0.1:${entry.port}/`);
      const { ending, gone } = agent;
      const connection = await Promise.race([server.accept(patience), fail(gone)]);
      return { connection, peerEnding: () => within(patience, 'end at the peer', ending()) };
    },
    end: async () => agent?.stop(),
    log: () => `${agent?.log() ?? ''}\n${entry.log()}`.trim(),
    async close() {
      await entry.close();
      await server.close();
    },
  };
}

/** The subject on both ends, with something in between. */
export async function againstItself(
  subject: Subject,
  options: SubjectOptions,
  serverOptions: SubjectOptions,
  front: (port: number) => Promise<Front>,
): Promise<Stage> {
  const server = await subject.serve(serverOptions);
  const entry = await openFront(server, front);
  let connection: SubjectConnection | undefined;
  return {
    async begin(): Promise<Trial> {
      connection = await subject.connect(`ws://127.0.0.1:${entry.port}/`, options);
      const far = await server.accept(patience);
      // The near end sees a failure of the far one as an answer that does not come.
      answer(far).catch(() => undefined);
      const peerEnding = async () => {
        const { code, reason } = await within(patience, 'end at the far end', far.closed);
        return { code, reason };
      };
      return { connection, peerEnding };
    },
    end: async () => connection?.terminate(),
    log: () => entry.log(),
    async close() {
      await entry.close();
      await server.close();
    },
  };
}

/** A proxy in front of the subject's server. */
export interface Front {
  readonly port: number;
  log(): string;
  close(): Promise<void>;
}

async function openFront(
  server: SubjectServer,
  front: ((port: number) => Promise<Front>) | undefined,
): Promise<Front> {
  if (front === undefined) return { port: server.port, log: () => '', close: async () => {} };
  return front(server.port).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
}

/** Starts an agent process as a client. */
export async function startAgentClient(command: Command): Promise<AgentClient> {
  const agent = new PeerProcess(command);
  return {
    ending: () => endingOf(agent),
    gone: agent.exited,
    log: () => agent.log,
    stop: () => agent.stop(),
  };
}

async function fail(gone: Promise<void>): Promise<never> {
  await gone;
  throw new Error('the peer ended without a connection');
}

async function endingOf(agent: PeerProcess): Promise<Ending> {
  const [code, reason = ''] = await agent.expect('closed', patience);
  return { code: Number(code), reason: Buffer.from(reason, 'hex').toString() };
}
