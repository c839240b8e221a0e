import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { root } from '../../scripts/root.ts';
import type { Told } from './programs/talk.ts';

/** How a child process is started. */
export interface ChildOptions {
  /** A program that is loaded first. */
  readonly preload?: string;
  /** The most file descriptors it may have. */
  readonly descriptors?: number;
  /** What is put before its command line. */
  readonly within?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const folder = join(root, 'dist/test/faults/programs');

/** A program in a process of its own, with which the test talks; it ends with the test. */
export class Child {
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #process: ChildProcess;
  readonly #told: Told[] = [];
  #wake: () => void = () => {};
  #over = false;

  constructor(
    t: TestContext,
    name: string,
    args: readonly string[],
    { preload, descriptors, within = [], env }: ChildOptions = {},
  ) {
    const node = [...within, process.execPath];
    if (preload !== undefined) node.push('--import', join(folder, `${preload}.js`));
    node.push(join(folder, `${name}.js`), ...args);
    const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors}; `;
    this.#process = spawn('/bin/sh', ['-c', `${limit}exec "$0" "$@"`, ...node], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
    });
    this.#process.on('message', (told: Told) => {
      this.#told.push(told);
      this.#wake();
    });
    this.exited = once(this.#process, 'exit').then(([code, signal]) => {
      this.#over = true;
      this.#wake();
      return { code, signal };
    });
    t.after(async () => {
      this.kill('SIGKILL');
      await this.exited;
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Asks the program to do something it knows by this name. */
  ask(name: string, details: object = {}): void {
    this.#process.send({ ...details, name });
  }

  /** The next thing of this name that the program tells; rejects when it ends before. */
  async tells(name: string): Promise<Told> {
    for (;;) {
      const index = this.#told.findIndex((told) => told.name === name);
      const [told] = index < 0 ? [] : this.#told.splice(index, 1);
      if (told !== undefined) return told;
      if (this.#over) throw new Error(`the program ended without telling ${name}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Asks for something that the program tells, by the same name, when it is done. */
  does(name: string, details: object = {}): Promise<Told> {
    this.ask(name, details);
    return this.tells(name);
  }
}

/** Starts a server in a process of its own; gives its URL too. */
export async function serverChild(
  t: TestContext,
  options: object = {},
  childOptions: ChildOptions = {},
): Promise<{ server: Child; url: string }> {
  const server = new Child(t, 'server', [JSON.stringify(options)], childOptions);
  const { url } = await server.tells('listening');
  return { server, url: String(url) };
}

/** Starts so many clients in a process of their own; resolves when all are connected. */
export async function clientsChild(
  t: TestContext,
  url: string,
  count: number,
  options: object = {},
  childOptions: ChildOptions = {},
): Promise<Child> {
  const args = [url, String(count), JSON.stringify(options)];
  const clients = new Child(t, 'clients', args, childOptions);
  await clients.tells('open');
  return clients;
}
