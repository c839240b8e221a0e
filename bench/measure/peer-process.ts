import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { endWithUs } from '../setup/children.ts';
import { cores, pinned } from '../setup/pinning.ts';
import type { Settings } from '../subject/settings.ts';
import { commandOf, type Peer } from './peers.ts';

/** What a process has used: CPU time in microseconds, and resident memory in bytes. */
export interface Usage {
  readonly cpu: number;
  /** The part of it that the kernel took. */
  readonly kernel: number;
  readonly rss: number;
}

const patience = 60_000;

/** A peer in a process of its own; if no core is given, on all of them. */
export class PeerProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor(
    command: readonly [string, ...string[]],
    env: Readonly<Record<string, string>>,
    core: number | undefined,
  ) {
    const [program, ...args] = pinned([...command], core);
    this.#child = spawn(program, args, { env: { ...process.env, ...env } });
    endWithUs(this.#child);
    this.#child.on('error', (error) => (this.#errors += error.message));
    this.#child.stderr.on(
      'data',
      (text) => (this.#errors = `${this.#errors}${text}`.slice(-2_000)),
    );
    // So that an order to a process that has ended is no error of its own.
    this.#child.stdin.on('error', () => {});
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Reads the next line of its output. */
  async line<T>(): Promise<T> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#child.kill('SIGKILL');
    }, patience);
    const { value, done } = await this.#lines.next().finally(() => clearTimeout(timer));
    if (done === true) {
      throw new Error(late ? 'it did not answer' : `it has ended: ${this.#errors.trim()}`);
    }
    const answer = JSON.parse(value) as T & { readonly error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  /** Gives an order and waits for the answer. */
  ask<T>(order: string): Promise<T> {
    this.#child.stdin.write(`${order}\n`);
    return this.line<T>();
  }

  usage(): Promise<Usage> {
    return this.ask('usage');
  }

  /** Lets the process end by itself, with all that it writes at its end. */
  async finish(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await ended;
  }

  /** Ends the process. */
  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

/** A peer that runs: where it listens when it is a server, and what it is. */
export interface Running {
  readonly process: PeerProcess;
  readonly port: number;
  readonly version: string;
}

/**
 * Starts the server or the client of a peer, with more flags for its runtime: several workers on all
 * cores, one process on a core of its own.
 */
export async function startPeer(
  peer: Peer,
  role: 'server' | 'client',
  settings: Settings,
  flags: readonly string[] = [],
): Promise<Running> {
  const program = peer[role];
  if (program === undefined) throw new Error(`it has no ${role}`);
  const command = commandOf(program, flags);
  const core = settings.workers === undefined ? cores.measured : undefined;
  const child = new PeerProcess([...command, JSON.stringify(settings)], program.env ?? {}, core);
  try {
    const { port = 0, version } = await child.line<{ port?: number; version: string }>();
    return { process: child, port, version };
  } catch (error) {
    child.stop();
    throw error;
  }
}
