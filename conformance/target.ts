import type { Buffer } from 'node:buffer';
import { get } from 'node:http';

import type { Setup } from './case.ts';

/** What a library under test has to provide. */
export interface Target {
  /** Starts an echo server with an endpoint for every setup; resolves with its port. */
  serveEcho(): Promise<number>;
  /** Connects, echoes until the connection is over, and never rejects. */
  connectEcho(url: string, setup: Setup): Promise<void>;
}

/** The setups with the paths a server under test has them on. */
export const setupPaths: readonly (readonly [setup: Setup, path: string])[] = [
  ['echo', '/'],
  ['limited', '/limited'],
  ['plain', '/plain'],
  ['subprotocols', '/subprotocols'],
  ['command', '/command'],
];

interface Assignment {
  readonly case: number;
  readonly setup: Setup;
}

function nextCase(base: string): Promise<Assignment | undefined> {
  return new Promise((resolve, reject) => {
    get(`${base}/next`, { agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve(body === '' ? undefined : (JSON.parse(body) as Assignment)));
    }).on('error', reject);
  });
}

async function work(target: Target, base: string, agent: string): Promise<void> {
  const root = base.replace('http', 'ws');
  for (;;) {
    const assignment = await nextCase(base);
    if (assignment === undefined) return;
    const query = `case=${assignment.case}&agent=${agent}`;
    await target.connectEcho(`${root}/runCase?${query}`, assignment.setup);
  }
}

/** Runs the process of a target: `server`, or `client URL AGENT WORKERS`. */
export async function runTarget(target: Target): Promise<void> {
  const [role, base = '', agent = '', workers = '1'] = process.argv.slice(2);
  process.on('disconnect', () => process.exit());
  if (role === 'server') {
    process.send?.(await target.serveEcho());
    return;
  }
  await Promise.all(Array.from({ length: Number(workers) }, () => work(target, base, agent)));
  await target.connectEcho(`${base.replace('http', 'ws')}/updateReports?agent=${agent}`, 'echo');
  process.exit();
}
