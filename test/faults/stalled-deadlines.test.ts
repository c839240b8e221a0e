import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { type CloseInfo, connect, type Connection, serve } from 'hawser';
import { encodeFrame, Opcode } from 'hawser/protocol';

import { Child } from './child.ts';

/** Every deadline falls into the time in which the event loop stands still. */
const deadline = 3_000;
const stall = 5_000;
/** When the peers do what they owe: in time, but the event loop does not see it. */
const late = 1_000;

const mebibyte = 1_048_576;
const hex = (...parts: readonly (string | Uint8Array)[]): string =>
  Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))).toString('hex');
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function head(path: string): string {
  const lines = ['Host: 127.0.0.1', 'Connection: Upgrade', 'Upgrade: websocket'];
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  return `GET ${path} HTTP/1.1\r\n${[...lines, 'Sec-WebSocket-Version: 13', key].join('\r\n')}\r\n\r\n`;
}

/** A server with short deadlines, in the process that will stand still. */
async function watched(t: TestContext) {
  const opened = new Map<string, Connection>();
  const messages: unknown[] = [];
  const ends = new Map<string, CloseInfo>();
  const each = (path: string) => ({
    open: (connection: Connection) => void opened.set(path, connection),
    message: (_: Connection, message: unknown) => void messages.push(message),
    close: (_: Connection, info: CloseInfo) => void ends.set(path, info),
  });
  const paths = ['/message', '/close', '/drain', '/handshake'];
  const server = await serve({
    host: '127.0.0.1',
    port: 0,
    heartbeat: false,
    handshakeTimeout: deadline,
    messageTimeout: deadline,
    closeTimeout: deadline,
    backpressure: { timeout: deadline, hard: 256 * mebibyte },
    endpoints: Object.fromEntries(paths.map((path) => [path, each(path)])),
  });
  t.after(() => server.close({ deadline: 100 }));
  const connection = async (path: string): Promise<Connection> => {
    for (;;) {
      const known = opened.get(path);
      if (known !== undefined) return known;
      await turn();
    }
  };
  return { port: server.address.port, connection, messages, ends, opened };
}

/** Four clients and a server, each of which owes something; a client waits for the latter. */
async function debtors(t: TestContext, port: number) {
  const halves = {
    message: encodeFrame(Opcode.Text, 'told in two halves', { maskingKey: 1 }),
    close: encodeFrame(Opcode.Close, Uint8Array.of(0x0f, 0xa1), { maskingKey: 2 }),
  };
  const peer = (details: object): Child => {
    return new Child(t, 'late-peer', [JSON.stringify({ first: '', second: '', ...details })]);
  };
  const { message, close } = halves;
  const start = hex(head('/message'), message.subarray(0, 12));
  const request = head('/handshake');
  const server = peer({});
  const peers = [
    peer({ port, first: hex(head('/close')), second: hex(close) }),
    peer({ port, first: hex(head('/drain')), deaf: true }),
    peer({ port, first: start, second: hex(message.subarray(12)) }),
    peer({ port, first: hex(request.slice(0, 30)), second: hex(request.slice(30)) }),
  ];
  const { port: target } = await server.tells('listening');
  for (const each of peers) await each.tells('half');
  return { server, peers, target: Number(target) };
}

test('fault: the event loop stands still for 5 s: no deadline takes those for late whose bytes had come', async (t) => {
  const { port, connection, messages, ends, opened } = await watched(t);
  const { server, peers, target } = await debtors(t, port);
  const opening = connect(`ws://127.0.0.1:${target}/`, { handshakeTimeout: deadline });
  await server.tells('half');
  const [talker, closer, deaf] = [
    await connection('/message'),
    await connection('/close'),
    await connection('/drain'),
  ];
  const closed = closer.close(4001);
  while (deaf.bufferedAmount === 0) {
    deaf.send(new Uint8Array(mebibyte));
    await turn();
  }
  assert.deepEqual([opened.size, ends.size], [3, 0], 'all of them owe something');

  for (const each of [server, ...peers]) each.ask('go', { after: late });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stall);

  const { code, wasClean } = await closed;
  assert.deepEqual([code, wasClean], [4001, true], 'the answer to our Close had come');
  await deaf.drained();
  assert.equal((await connection('/handshake')).state, 'open', 'the head had come');
  const client = await opening;
  assert.equal(client.state, 'open', "the server's answer had come");
  while (messages.length === 0) await turn();
  assert.deepEqual(messages, ['told in two halves']);
  assert.deepEqual([talker.state, deaf.state], ['open', 'open']);
  assert.deepEqual([...ends.keys()], ['/close']);
  client.terminate();
});
