import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Case, Result } from '../case.ts';
import { setupPaths } from '../target.ts';
import { openFor } from './dial.ts';
import type { Server } from './dial.ts';
import { FuzzingServer } from './listen.ts';
import { playFrames, timed } from './play.ts';
import type { CaseQueue } from './queue.ts';
import { playRequest } from './request.ts';

/** How many cases run at the same time. */
const workers = 16;

/** Starts the process of a library under test. */
function start(target: string, ...args: string[]): ChildProcess {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const path = fileURLToPath(new URL(`../target-${target}.${extension}`, import.meta.url));
  return fork(path, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function playOn(test: Case, server: Server): ReturnType<typeof playFrames> {
  if (test.kind === 'request') return playRequest(test, server);
  if (test.kind === 'response') throw new TypeError(`case ${test.id} is not for servers`);
  return openFor(test, server).then((link) => playFrames(test, link, 'server'));
}

/** Runs all cases of a queue on an echo server. */
export async function runOnServer(server: Server, queue: CaseQueue): Promise<void> {
  const work = async (): Promise<void> => {
    for (;;) {
      const test = await queue.next();
      if (test === undefined) return;
      queue.done(test, await timed(test, 'server', () => playOn(test, server)));
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
}

/** Starts a library's echo server and runs all cases on it. */
export async function runOnTargetServer(target: string, queue: CaseQueue): Promise<void> {
  const child = start(target, 'server');
  const [port] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`the echo server of ${target} did not start`);
    }),
  ])) as [number];
  try {
    await runOnServer({ host: '127.0.0.1', port, paths: Object.fromEntries(setupPaths) }, queue);
    if (child.exitCode !== null) throw new Error(`the echo server of ${target} ended by itself`);
  } finally {
    await stop(child);
  }
}

/** Starts the fuzzer as a server and a library's echo client, and runs all cases on it. */
export async function runOnTargetClient(
  target: string,
  cases: readonly Case[],
  queue: CaseQueue,
): Promise<void> {
  const server = new FuzzingServer(cases, queue);
  const port = await server.listen(0);
  const child = start(target, 'client', `http://127.0.0.1:${port}`, target, String(workers));
  const exited = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`the client of ${target} ended with ${String(code)}`);
  });
  try {
    await Promise.race([exited, server.finished]);
  } finally {
    await stop(child);
    server.close();
  }
}

/** Serves the cases to whatever client comes, until it asks for /updateReports. */
export async function serveCases(
  port: number,
  cases: readonly Case[],
  queue: CaseQueue,
): Promise<void> {
  const server = new FuzzingServer(cases, queue);
  await server.listen(port);
  await server.finished;
  server.close();
}

/** The results in the order of the cases. */
export function inOrder(cases: readonly Case[], queue: CaseQueue): Result[] {
  return cases.flatMap(({ id }) => queue.results.get(id) ?? []);
}
