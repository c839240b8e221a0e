import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { connect } from 'hawser';
import type { Connection } from 'hawser';

import { root } from '../scripts/root.ts';

type Program = ChildProcessByStdio<null, Readable, null>;

function run(t: TestContext, name: string, ...args: string[]): Program {
  const program = spawn(process.execPath, [join(root, 'dist', 'examples', name), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // An example that is a test reports as it does outside of another test.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  t.after(() => program.kill('SIGKILL'));
  return program;
}

/** Starts an example that listens on a free port; gives the address it prints and its further lines. */
async function listen(
  t: TestContext,
  name: string,
): Promise<{ program: Program; address: string; lines: AsyncIterator<string> }> {
  const program = run(t, name, '0');
  const lines = createInterface(program.stdout)[Symbol.asyncIterator]();
  const { value } = (await lines.next()) as { value: string };
  const address = /^listening on (\S+)$/.exec(value)?.[1];
  assert.ok(address !== undefined, value);
  return { program, address, lines };
}

async function stop(program: Program): Promise<void> {
  program.kill('SIGTERM');
  const [code] = (await once(program, 'exit')) as [number | null];
  assert.equal(code, 0, 'SIGTERM ends the program by itself');
}

const next = (connection: Connection): Promise<unknown> => connection.receive({ timeout: 10_000 });

test('examples: the echo client talks to the echo server', async (t) => {
  const { program, address, lines } = await listen(t, 'echo-server.js');
  const client = run(t, 'echo-client.js', address, 'hello', 'wörld');
  const said = (await text(client.stdout)).trimEnd().split('\n');
  assert.deepEqual(said.slice(0, 2), ['hello', 'wörld']);
  assert.match(said[2] ?? '', /^round trip: \d+\.\d\d ms$/);
  assert.equal(said[3], 'closed with 1000 bye, clean: true');
  const { value } = (await lines.next()) as { value: string };
  assert.match(value, /closed with 1000 bye$/);
  await stop(program);
});

test('examples: WebSocket is added to an HTTP server that goes on serving', async (t) => {
  const { program, address } = await listen(t, 'attach-to-http.js');
  const page = await fetch(`${address}/page`);
  assert.equal(await page.text(), 'You asked for /page over plain HTTP.\n');

  const base = address.replace('http:', 'ws:');
  const room = await connect(`${base}/rooms/harbour?name=Ada`);
  assert.equal(await next(room), 'Hello Ada, this is harbour.');
  await assert.rejects(connect(`${base}/rooms/harbour`), { statusCode: 403 });
  await assert.rejects(connect(`${base}/elsewhere`), { statusCode: 404 });

  const clock = await connect(`${base}/time`);
  assert.match(String(await next(clock)), /^\d{4}-\d\d-\d\dT/);
  assert.equal((await clock.closed).code, 1000);

  await stop(program);
  assert.equal((await room.closed).code, 1001);
});

test('examples: the chat reaches everybody in the room and nobody else', async (t) => {
  const { program, address } = await listen(t, 'chat.js');
  const base = address.replace(':room', '');
  const ada = await connect(`${base}harbour?name=Ada`);
  assert.equal(await next(ada), 'Ada is here');
  const stranger = await connect(`${base}elsewhere?name=Eve`);
  assert.equal(await next(stranger), 'Eve is here');
  const bob = await connect(`${base}harbour?name=Bob`);
  assert.equal(await next(ada), 'Bob is here');
  assert.equal(await next(bob), 'Bob is here');

  bob.send('ahoy');
  assert.equal(await next(ada), 'Bob: ahoy');
  await bob.close();
  assert.equal(await next(ada), 'Bob has left');

  await stop(program);
  assert.equal((await stranger.closed).code, 1001);
  assert.equal(await stranger.receive(), undefined, 'nothing reached the other room');
});

test('examples: the test of a bad network passes, and tells how to have it again', async (t) => {
  const program = run(t, 'fault-test.js');
  const said = await text(program.stdout);
  assert.match(said, /run it again with SEED=\d+/);
  assert.match(said, /pass 1\b/, said);
});
