import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { maskedHello, RawClient, unmaskedHello } from '../server/raw-client.ts';

/** A server of one of the two kinds, which prints its port; it ends with its standard input. */
const program = `
  const [kind, entry] = process.argv.slice(1);
  const { serve, attach } = await import(entry);
  const { createServer } = await import('node:http');
  const endpoints = { '/': { message: (connection, message) => connection.send(message) } };
  process.stdin.resume().on('end', () => process.exit(0));
  if (kind === 'serve') {
    const server = await serve({ port: 0, host: '127.0.0.1', endpoints });
    console.log(server.address.port);
  } else {
    const server = createServer();
    attach(server, endpoints);
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  }
`;

function start(kind: string) {
  const entry = fileURLToPath(import.meta.resolve('../../src/server/index.js'));
  const command = 'ulimit -n 48; exec "$@"';
  const args = [process.execPath, '--input-type=module', '-e', program, kind, entry];
  const stdio = ['pipe', 'pipe', 'inherit'] as const;
  return spawn('sh', ['-c', command, 'sh', ...args], { stdio: [...stdio] });
}

/** Whether a message comes back. */
async function echoes(client: RawClient): Promise<boolean> {
  client.write(maskedHello);
  return (await client.bytes(unmaskedHello.length)).equals(unmaskedHello);
}

for (const kind of ['serve', 'attach']) {
  test(`RX-03: without free descriptors ${kind} goes on, and takes clients once there are`, async () => {
    const child = start(kind);
    const ended = once(child, 'exit');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(line);
    const first = await RawClient.connect({ port });
    assert.equal((await first.request()).status, 101);
    const crowd = [];
    for (let index = 0; index < 90; index++) crowd.push(await RawClient.connect({ port }));
    await Promise.race(crowd.map((client) => client.ended));
    assert.ok(await echoes(first));
    for (const client of crowd) client.destroy();
    const late = await acceptedBy(port);
    assert.ok(await echoes(late));
    assert.ok(await echoes(first));
    for (const client of [first, late]) client.destroy();
    child.stdin.end();
    assert.deepEqual(await ended, [0, null]);
  });
}

/** Tries until the server has noticed that others left. */
async function acceptedBy(port: number): Promise<RawClient> {
  for (const deadline = performance.now() + 5_000; performance.now() < deadline;) {
    const client = await RawClient.connect({ port });
    const status = await client.request().then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 101) return client;
    client.destroy();
  }
  throw new Error('no client was accepted although descriptors are free');
}
