import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

import { root } from '../../scripts/root.ts';
import type { LoadAnswer, LoadOrder } from '../load/orders.ts';
import type { LoadFigures, LoadPlan, ServerTarget } from '../load/plan.ts';
import { endWithUs } from '../setup/children.ts';
import { pinned } from '../setup/pinning.ts';

/** The load generator in a process of its own, on a core of its own or on all of them. */
export class LoadProcess {
  #child: ChildProcess;
  #pending: ((answer: LoadAnswer) => void) | undefined;
  readonly #onExit = (): void => this.#pending?.({ error: 'the load generator has ended' });

  readonly #core: number | undefined;

  constructor(core: number | undefined) {
    this.#core = core;
    this.#child = this.#start();
  }

  /** Starts afresh, without the connections of before. */
  restart(): void {
    this.stop();
    this.#child = this.#start();
  }

  stop(): void {
    this.#child.off('exit', this.#onExit);
    this.#child.kill('SIGKILL');
  }

  #start(): ChildProcess {
    const file = join(root, 'dist', 'bench', 'load', 'main.js');
    const [program, ...args] = pinned([process.execPath, file], this.#core);
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    endWithUs(child);
    child.on('message', (answer: LoadAnswer) => this.#pending?.(answer));
    child.on('exit', this.#onExit);
    return child;
  }

  /** Opens the connections of a plan; gives the port of a stream. */
  async open(plan: LoadPlan, target: ServerTarget): Promise<number> {
    const { port = 0 } = await this.#ask({ type: 'open', plan, target });
    return port;
  }

  async verify(): Promise<void> {
    await this.#ask({ type: 'verify' });
  }

  async run(seconds: number): Promise<LoadFigures> {
    const { figures } = await this.#ask({ type: 'run', seconds });
    if (figures === undefined) throw new Error('the load generator gave no figures');
    return figures;
  }

  async close(): Promise<void> {
    await this.#ask({ type: 'close' });
  }

  async #ask(order: LoadOrder): Promise<LoadAnswer> {
    const answer = await new Promise<LoadAnswer>((resolve) => {
      this.#pending = resolve;
      this.#child.send(order);
    });
    this.#pending = undefined;
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }
}
