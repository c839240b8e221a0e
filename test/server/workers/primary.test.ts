import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Crew } from '../../../src/server/workers/crew.ts';
import type { CloseOrder } from '../../../src/server/workers/messages.ts';
import { WorkerServer } from '../../../src/server/workers/primary.ts';
import { sumOfStats } from '../../../src/server/workers/sum.ts';

const limits = { maxConnections: 1, maxConnectionsPerAddress: 1, maxPendingHandshakes: 1 };
const address = { address: '127.0.0.1', family: 'IPv4', port: 7 } as const;

/** A server of two workers that only note what they are asked. */
function makeServer() {
  const log: string[] = [];
  const crew = {
    size: 2,
    join: () => log.push('join'),
    order: ({ code, deadline }: CloseOrder) => log.push(`close ${code} ${deadline}`),
    kill: (id: number) => log.push(`kill ${id}`),
    leave: () => {
      log.push('leave');
      return Promise.resolve();
    },
  } as unknown as Crew;
  const server = new WorkerServer(0, crew, limits);
  const report = (worker: number, what: object): void =>
    server.onReport(worker, { hawser: 'report', server: 0, closed: true, ...what });
  const listen = (worker: number): void =>
    server.onReport(worker, { hawser: 'report', server: 0, listening: address });
  return { server, log, report, listen };
}

describe('WorkerServer', () => {
  test('is open when all workers listen', async () => {
    const { server, listen } = makeServer();
    let open = false;
    void server.opened.then(() => (open = true));
    listen(1);
    await Promise.resolve();
    assert.equal(open, false);
    listen(2);
    await server.opened;
    assert.equal(server.address, address);
    assert.equal(server.connections.size, 0);
  });

  test('does not open when a worker cannot listen, or ends before', async () => {
    const { server } = makeServer();
    const failed = { message: 'taken', code: 'EADDRINUSE' };
    server.onReport(1, { hawser: 'report', server: 0, failed });
    await assert.rejects(server.opened, failed);
    const ending = makeServer();
    ending.server.onGone(1, 'SIGKILL');
    await assert.rejects(ending.server.opened, /before it listened: SIGKILL/);
  });

  test('closes once, when each worker has said so or has gone', async () => {
    const { server, log, listen, report } = makeServer();
    listen(1);
    listen(2);
    const closed = server.close({ code: 4000, deadline: 50 });
    assert.equal(server.close(), closed);
    report(1, {});
    assert.deepEqual(log, ['join', 'close 4000 50']);
    server.onGone(2, 'exit code 1');
    await closed;
    assert.deepEqual(log.slice(2), ['leave']);
    await server[Symbol.asyncDispose]();
  });

  test('what ended workers did is counted on, what they held is not', () => {
    const { server, report, listen } = makeServer();
    for (const worker of [1, 2]) listen(worker);
    const told = (accepted: number) => {
      const use = { used: 5, limit: 9 };
      const held = { connections: 7, pendingHandshakes: 2, memory: { input: use, output: use } };
      return { closed: undefined, stats: { ...sumOfStats([], limits), ...held, accepted } };
    };
    for (const worker of [1, 2, 3]) report(worker, told(worker));
    for (const worker of [1, 2, 4]) server.onGone(worker, 'SIGKILL');
    const { accepted, connections, pendingHandshakes, memory } = server.stats();
    assert.deepEqual([accepted, connections, pendingHandshakes], [6, 7, 2]);
    assert.deepEqual(memory.output, { used: 5, limit: 9 });
  });

  test('a worker that does not close in time is killed', async () => {
    const { server, log, listen } = makeServer();
    listen(1);
    // In life the channels to the workers keep the process alive.
    const alive = setInterval(() => {}, 1_000);
    await server.close({ deadline: 1 });
    clearInterval(alive);
    assert.deepEqual(log, ['join', 'close 1001 1', 'kill 1', 'leave']);
  });
});
