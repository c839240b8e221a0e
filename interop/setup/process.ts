import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

import { Mailbox } from '../matrix/mailbox.ts';
import { removeWorkspace } from './workspace.ts';

/** What to run: a program, its arguments, and variables added to the environment. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const running = new Set<PeerProcess>();
const keptLines = 40;

/** A peer in a process group of its own; its lines of output are read one by one. */
export class PeerProcess {
  readonly lines = new Mailbox<string>('line of output');
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #log: string[] = [];
  #alive = true;

  constructor({ program, args, env, cwd }: Command) {
    this.#child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this);
    this.exited = new Promise((resolve) => {
      const ended = () => {
        this.#alive = false;
        running.delete(this);
        resolve();
      };
      this.#child.once('close', ended).once('error', (error) => {
        this.#keep(error.message);
        ended();
      });
    });
    this.#read();
  }

  /** The last lines the process wrote, of both streams: for diagnosis. */
  get log(): string {
    return this.#log.join('\n');
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Waits for a line that begins with `word`, and gives the words after it. */
  async expect(word: string, timeout: number): Promise<string[]> {
    const end = Date.now() + timeout;
    for (;;) {
      const line = await this.lines.take(Math.max(1, end - Date.now())).catch(() => {
        const state = this.#alive ? 'still runs' : 'has ended';
        throw new Error(`the peer (which ${state}) wrote no '${word}' within ${timeout} ms`);
      });
      const [first, ...rest] = line.split(' ');
      if (first === word) return rest;
    }
  }

  /** Ends the process and its children; resolves when it is gone. */
  stop(): Promise<void> {
    this.kill();
    return this.exited;
  }

  /** Kills the whole process group at once. */
  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The group is already gone.
    }
  }

  #read(): void {
    const { stdout, stderr } = this.#child;
    if (stdout !== null) {
      createInterface({ input: stdout }).on('line', (line) => {
        this.#keep(line);
        this.lines.put(line);
      });
    }
    if (stderr !== null) {
      createInterface({ input: stderr }).on('line', (line) => this.#keep(line));
    }
  }

  #keep(line: string): void {
    this.#log.push(line);
    if (this.#log.length > keptLines) this.#log.shift();
  }
}

/** Ends every peer that still runs. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((peer) => peer.stop()));
}

/** Leaves no peer and no file behind, also when this process is told to end or fails. */
export function cleanUpOnExit(): void {
  process.once('exit', () => {
    for (const peer of running) peer.kill();
    removeWorkspace();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(130));
  }
}

/** Runs a program to its end and gives its output; a failure throws with what it wrote. */
export async function run(command: Command, timeout = 600_000): Promise<string> {
  const child = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: { ...process.env, ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (status === 0) return output.trim();
  throw new Error(`${command.program} ended with ${String(status)}:\n${output.slice(-2000)}`);
}
