import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = new URL('dist/demo/main.js', import.meta.resolve('hawser/package.json'));

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The demo as a child process, and all it has printed. */
export class Program {
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  #out = '';
  #err = '';

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    this.#child = spawn(process.execPath, [fileURLToPath(main), ...args], {
      stdio: [...stdio],
      env,
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#out += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#err += text));
    this.ended = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  get out(): string {
    return this.#out;
  }

  get err(): string {
    return this.#err;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Waits until the standard output matches; rejects when the program ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#out);
      if (match !== null) return match;
      if (!this.running || this.#child.stdout === null) break;
      await Promise.race([once(this.#child.stdout, 'data'), this.ended]);
    }
    throw new Error(`the demo ended without printing ${pattern.source}: ${this.#err}`);
  }
}

/** A running demo on a free port, with the address of its page; it ends with the test. */
export async function startDemo(
  context: TestContext,
  args: readonly string[] = [],
  env?: NodeJS.ProcessEnv,
): Promise<{ program: Program; url: string; ws: string }> {
  const program = new Program(['--port', '0', ...args], env);
  context.after(async () => {
    program.signal('SIGKILL');
    await program.ended;
  });
  const [, url = ''] = await program.printed(/hawser demo at (\S+)\/\n/);
  return { program, url, ws: url.replace(/^http/, 'ws') };
}
