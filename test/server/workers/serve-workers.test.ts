import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { WebSocket } from 'ws';

const program = fileURLToPath(new URL('program.js', import.meta.url));

/** The program under test: what it says, line by line, and a way to tell it something. */
function start(context: TestContext, port = 0, servers = 'one') {
  const child = spawn(process.execPath, [program, String(port), servers], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  context.after(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said = async (): Promise<Record<string, unknown>> => {
    const { value } = await lines.next();
    return JSON.parse(value ?? '{}') as Record<string, unknown>;
  };
  return { child, said, tell: (word: string) => void child.stdin.write(`${word}\n`) };
}

async function open(port: unknown): Promise<{ socket: WebSocket; pid: number }> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/`, { handshakeTimeout: 3_000 });
  await once(socket, 'open');
  socket.send('who?');
  const [answer] = (await once(socket, 'message')) as [Buffer];
  return { socket, pid: Number(answer.toString()) };
}

async function stop(child: ChildProcess): Promise<number | null> {
  child.stdin?.end();
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

describe('serve({ workers })', () => {
  test('clients are spread over the workers, one address leads to all', async (context) => {
    const { child, said, tell } = start(context);
    const { listening, connections } = await said();
    assert.equal(connections, 0);
    const clients = await Promise.all(Array.from({ length: 8 }, () => open(listening)));
    const pids = new Set(clients.map(({ pid }) => pid));
    assert.equal(pids.size, 2);
    assert.ok(!pids.has(child.pid ?? 0));
    const ends = clients.map(({ socket }) => once(socket, 'close'));
    tell('close');
    assert.deepEqual(
      (await Promise.all(ends)).map(([code]) => code as number),
      clients.map(() => 1001),
    );
    assert.deepEqual(await said(), { closed: true });
    assert.equal(await stop(child), 0);
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });

  test('servers opened one behind the other have the same workers, and close at once', async (context) => {
    const { child, said, tell } = start(context, 0, 'two');
    const { listening, second } = await said();
    const { socket } = await open(listening);
    const other = new WebSocket(`ws://127.0.0.1:${String(second)}/second`);
    await once(other, 'open');
    const ends = [socket, other].map((client) => once(client, 'close'));
    tell('close');
    assert.deepEqual(
      (await Promise.all(ends)).map(([code]) => code as number),
      [1001, 1001],
    );
    assert.deepEqual(await said(), { closed: true });
    assert.equal(await stop(child), 0);
  });

  test('the counts of the workers are added up', async (context) => {
    const { child, said, tell } = start(context);
    const { listening } = await said();
    const clients = await Promise.all(Array.from({ length: 6 }, () => open(listening)));
    let stats: Record<string, unknown> = {};
    // Workers tell their counts twice a second.
    while (stats['accepted'] !== 6) {
      tell('stats');
      ({ stats } = (await said()) as { stats: Record<string, unknown> });
    }
    assert.equal(stats['connections'], 6);
    assert.deepEqual(stats['messages'], { received: 6, sent: 6 });
    for (const { socket } of clients) socket.terminate();
    tell('close');
    await said();
    assert.equal(await stop(child), 0);
  });

  test('a worker that dies takes only its own connections along, and another one comes', async (context) => {
    const { child, said, tell } = start(context);
    const { listening } = await said();
    const clients = await Promise.all(Array.from({ length: 4 }, () => open(listening)));
    const victim = clients[0]?.pid ?? 0;
    const lost = clients.filter(({ pid }) => pid === victim);
    const gone = lost.map(({ socket }) => once(socket, 'close'));
    process.kill(victim, 'SIGKILL');
    await Promise.all(gone);
    const kept = clients.filter(({ pid }) => pid !== victim);
    assert.ok(kept.every(({ socket }) => socket.readyState === WebSocket.OPEN));
    const known = new Set(clients.map(({ pid }) => pid));
    let fresh = victim;
    while (known.has(fresh)) {
      // A client that was being handed to the one that died gets no answer.
      const client = await open(listening).catch(() => undefined);
      fresh = client?.pid ?? fresh;
      client?.socket.terminate();
    }
    tell('close');
    assert.deepEqual(await said(), { closed: true });
    assert.equal(await stop(child), 0);
  });

  test('where the address is taken it rejects, and no worker stays', async (context) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    context.after(() => taken.close());
    const { child, said } = start(context, (taken.address() as { port: number }).port);
    assert.deepEqual(await said(), { failed: 'EADDRINUSE' });
    assert.equal(await stop(child), 0);
  });
});
