import { type ChildProcess, fork } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { type Plan, readPlan, usage } from './options.ts';
import type { Order, Report } from './orders.ts';
import type { Block } from './sampler.ts';
import { judge, type Outcome } from './verdict.ts';

/** Seconds for the load generator and the server to come to an end. */
const endPatience = 240;

/** One of the two processes of a run. */
class Part {
  readonly blocks: Block[] = [];
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #reports: Report[] = [];
  #wake = (): void => {};
  #exit: string | undefined;

  constructor(name: 'server' | 'load') {
    this.#name = name;
    const program = fileURLToPath(new URL(`${name}.js`, import.meta.url));
    this.#child = fork(program, [], { execArgv: ['--expose-gc', '--enable-source-maps'] });
    this.#child.on('message', (message) => this.#take(message as Report));
    this.#child.on('exit', (code, signal) => {
      this.#exit = `${name} ended with ${signal ?? `exit code ${code}`}`;
      this.#wake();
    });
    process.once('exit', () => this.#child.kill('SIGKILL'));
  }

  order(order: Order): void {
    this.#child.send(order);
  }

  /** Waits for a report of one type; throws when the process ends or the time is up. */
  async expect<Type extends Report['type']>(
    type: Type,
    seconds: number,
  ): Promise<Extract<Report, { type: Type }>> {
    const end = performance.now() + seconds * 1_000;
    for (;;) {
      const found = this.#reports.find((report) => report.type === type);
      if (found !== undefined) return found as Extract<Report, { type: Type }>;
      if (this.#exit !== undefined) throw new Error(this.#exit);
      const left = end - performance.now();
      if (left <= 0) throw new Error(`${this.#name}: no ${type} within ${seconds} s`);
      await this.#news(left);
    }
  }

  /** Throws when the process has ended. */
  check(): void {
    if (this.#exit !== undefined) throw new Error(this.#exit);
  }

  async #news(milliseconds: number): Promise<void> {
    const timer = new AbortController();
    await Promise.race([
      new Promise<void>((resolve) => {
        this.#wake = resolve;
      }),
      wait(milliseconds, undefined, { signal: timer.signal }).catch(() => {}),
    ]);
    timer.abort();
  }

  #take(report: Report): void {
    if (report.type === 'block') this.blocks.push(report.block);
    else this.#reports.push(report);
    this.#wake();
  }
}

function introduce(plan: Plan): void {
  const { connections, reduced, messagesPerSecond, turnoverPerSecond, attacksPerSecond } = plan;
  const why = reduced === undefined ? '' : ` (fewer than 2000: ${reduced})`;
  console.log(
    `soak, seed ${plan.seed}: ${connections} connections${why}, 5 % TLS, 5 % compressed\n` +
      `${messagesPerSecond} messages, ${turnoverPerSecond} connects and disconnects, ` +
      `${attacksPerSecond} attacks a second\n` +
      `${plan.warmUp.toFixed(0)} s of warm-up, then ${plan.measured.toFixed(0)} s ` +
      `in blocks of ${plan.block.toFixed(1)} s`,
  );
}

/** Waits in steps, so that a process that dies is noticed at once. */
async function last(seconds: number, parts: readonly Part[]): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    await wait(Math.min(500, end - performance.now()));
    for (const part of parts) part.check();
  }
}

async function run(plan: Plan): Promise<Outcome> {
  const server = new Part('server');
  const { port, tlsPort } = await server.expect('listening', 30);
  const load = new Part('load');
  load.order({ type: 'load', plan, port, tlsPort });
  const { opened } = await load.expect('connected', 120);
  const began = performance.now();
  console.log(`${opened} connections are open`);
  await last(plan.warmUp, [server, load]);
  for (const part of [server, load]) part.order({ type: 'measure', blockSeconds: plan.block });
  await last(plan.measured + plan.block / 4, [server, load]);
  const seconds = (performance.now() - began) / 1_000;
  load.order({ type: 'stop' });
  const { counts: loadCounts } = await load.expect('load-done', endPatience);
  server.order({ type: 'stop' });
  const { counts: serverCounts } = await server.expect('server-done', endPatience);
  const blocks = { server: server.blocks, load: load.blocks };
  return { load: loadCounts, server: serverCounts, blocks, seconds };
}

async function main(): Promise<void> {
  const plan = readPlan(process.argv.slice(2));
  if (plan === 'help') return console.log(usage);
  introduce(plan);
  const checks = judge(plan, await run(plan));
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, good, found } of checks) {
    console.log(`${good ? 'ok    ' : 'FAILED'} ${name.padEnd(width)}  ${found}`);
  }
  const passed = checks.filter(({ good }) => good).length;
  console.log(`${passed} passed, ${checks.length - passed} failed`);
  process.exitCode = passed === checks.length ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await main().catch((error: unknown) => {
  console.error(`soak: ${error instanceof Error ? error.message : String(error)}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
