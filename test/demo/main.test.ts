import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

import { Program, startDemo } from './program.ts';
import { Visitor } from './visitor.ts';

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`demo: ${signal} says 1001 to everybody and leaves no process`, async (context) => {
    const { program, url, ws } = await startDemo(context);
    const visitors = [await Visitor.open(`${ws}/echo`), await Visitor.open(`${ws}/chat/lobby`)];
    await fetch(url);
    program.signal(signal);
    for (const visitor of visitors) assert.equal((await visitor.closed).code, 1001);
    assert.deepEqual(await program.ended, { code: 0, signal: null });
    assert.equal(program.err, '');
    await assert.rejects(fetch(url));
  });
}

test('demo: a second signal does not wait for a silent peer', async (context) => {
  const { program, url } = await startDemo(context);
  const peer = await openAndSayNothing(url);
  program.signal('SIGTERM');
  await program.printed(/Closing/);
  const began = performance.now();
  while (program.running && performance.now() - began < 4_000) {
    program.signal('SIGTERM');
    await wait(50);
  }
  assert.deepEqual(await program.ended, { code: 1, signal: null });
  peer.destroy();
});

test('demo: a signal that comes twice at once, as npm sends it, counts once', async (context) => {
  const { program, url } = await startDemo(context);
  const peer = await openAndSayNothing(url);
  program.signal('SIGINT');
  await once(peer, 'data');
  program.signal('SIGINT');
  peer.write(Buffer.from('888000000000', 'hex'));
  assert.deepEqual(await program.ended, { code: 0, signal: null });
});

test('demo: a port in use gives one clear line', async (context) => {
  const blocker = createServer().listen(0, '127.0.0.1');
  context.after(() => blocker.close());
  await once(blocker, 'listening');
  const address = blocker.address();
  assert.ok(typeof address === 'object' && address !== null);
  const program = new Program(['--port', String(address.port)]);
  assert.deepEqual(await program.ended, { code: 1, signal: null });
  assert.equal(program.out, '');
  const line = `hawser demo: port ${address.port} is in use; choose one with --port\n`;
  assert.equal(program.err, line);
});

test('demo: a wrong option and an address of nobody give one line each', async () => {
  const wrong = new Program(['--prot', '9000']);
  assert.equal((await wrong.ended).code, 2);
  assert.match(wrong.err, /^hawser demo: Unknown option '--prot'; --help lists the options\n$/);
  const nobody = new Program(['--host', '192.0.2.1', '--port', '0']);
  assert.equal((await nobody.ended).code, 1);
  assert.match(nobody.err, /^hawser demo: [^\n]*192\.0\.2\.1[^\n]*\n$/);
});

test('demo: --help prints the options and ends', async () => {
  const program = new Program(['--help']);
  assert.equal((await program.ended).code, 0);
  assert.match(program.out, /--port NUMBER/);
});

test('demo: --host 0.0.0.0 listens for all and names an address', async (context) => {
  const { program, url, ws } = await startDemo(context, ['--host', '0.0.0.0']);
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  const visitor = await Visitor.open(`${ws}/echo`);
  visitor.socket.close();
  await visitor.closed;
  assert.match(program.out, /Ctrl\+C/);
});

test('demo: --tls serves wss with a certificate made without any program', async (context) => {
  const { url, ws } = await startDemo(context, ['--tls'], { ...process.env, PATH: '' });
  assert.match(url, /^https:/);
  const ca = await certificateOf(url);
  const visitor = await Visitor.open(`${ws}/echo`, undefined, { ca });
  visitor.socket.send('sealed');
  assert.equal(await visitor.next(), 'sealed');
});

async function certificateOf(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  const lines = raw.toString('base64').replaceAll(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** A client that opens a connection and then answers nothing, no Close either. */
async function openAndSayNothing(url: string) {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(
    `GET /echo HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 101 /);
  return socket;
}
