import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import test from 'node:test';

import type { Connection } from '../../src/connection/connection.ts';
import type { Message } from '../../src/connection/handler.ts';
import { ConnectionClosedError } from '../../src/connection/reporting/errors.ts';
import { toDuplex } from '../../src/stream/duplex.ts';
import { connectedPair } from '../../src/testing/connected-pair.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const echo = {
  message: async (
    connection: { send(message: Message): boolean; drained(): Promise<void> },
    message: Message,
  ) => {
    if (!connection.send(message)) await connection.drained();
  },
};

test('F133: a file piped through arrives byte for byte, in either direction', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'hawser-stream-'));
  t.after(() => rm(folder, { recursive: true }));
  const from = join(folder, 'from');
  const to = join(folder, 'to');
  await writeFile(from, randomBytes(5_000_001));
  for (const direction of ['up', 'down']) {
    const { server, client } = connectedPair();
    const [sender, receiver] = direction === 'up' ? [client, server] : [server, client];
    await Promise.all([
      pipeline(createReadStream(from), toDuplex(sender)),
      pipeline(toDuplex(receiver), createWriteStream(to)),
    ]);
    assert.ok((await readFile(from)).equals(await readFile(to)), direction);
    const info = await client.closed;
    assert.deepEqual([info.code, info.wasClean], [1000, true]);
  }
});

test('F133: a pipeline through an echoing peer gives what it was given', async () => {
  const { client } = connectedPair({ server: echo });
  const stream = toDuplex(client);
  const total = 3_000_000;
  const sent = createHash('sha256');
  const received = createHash('sha256');
  let echoed = 0;
  const source = Readable.from(
    (function* () {
      for (let size = 0; size < total; size += 30_000) {
        const chunk = randomBytes(30_000);
        sent.update(chunk);
        yield chunk;
      }
    })(),
  );
  const counted = new Writable({
    write(chunk: Buffer, _encoding, done) {
      received.update(chunk);
      echoed += chunk.length;
      if (echoed === total) stream.end();
      done();
    },
  });
  source.pipe(stream, { end: false });
  await pipeline(stream, counted);
  assert.equal(received.digest('hex'), sent.digest('hex'));
});

test('one chunk is one message, empty ones too: Buffers for binary, strings for text', async () => {
  const { server, client } = connectedPair();
  const stream = toDuplex(client);
  for (const message of ['ä', Uint8Array.of(1, 2), '', new Uint8Array()]) server.send(message);
  const chunks: unknown[] = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  await server.close();
  await once(stream, 'end');
  assert.deepEqual(chunks, ['ä', Buffer.from([1, 2]), '', Buffer.alloc(0)]);
  assert.ok(Buffer.isBuffer(chunks[1]));
});

test('every write is a message: binary by default, also of strings in any encoding', async () => {
  const { server, client } = connectedPair();
  const stream = toDuplex(client);
  stream.write('ä');
  stream.write('0aff', 'hex');
  stream.write(Buffer.from([7]));
  stream.write('');
  stream.end();
  const messages: Message[] = [];
  for await (const message of server) messages.push(message);
  assert.deepEqual(
    messages,
    [[0xc3, 0xa4], [0x0a, 0xff], [7], []].map((bytes) => Uint8Array.from(bytes)),
  );
});

test('with type text every write is a text message, and no character is ever cut', async () => {
  const { server, client } = connectedPair();
  const stream = toDuplex(client, { type: 'text' });
  const euro = Buffer.from('€');
  stream.write('plain');
  stream.write(euro.subarray(0, 1));
  stream.write(Buffer.concat([euro.subarray(1), Buffer.from('uro')]));
  stream.write('c3a4', 'hex');
  stream.write('');
  stream.end(euro.subarray(0, 2));
  const messages: Message[] = [];
  for await (const message of server) messages.push(message);
  assert.deepEqual(messages, ['plain', '€uro', 'ä', '', '\ufffd']);
});

test('end() closes with 1000 and finishes when the peer has answered', async () => {
  const { server, client } = connectedPair({ options: { echoClose: false } });
  const stream = toDuplex(client);
  let finished = false;
  stream.on('finish', () => (finished = true)).resume();
  stream.end('last');
  assert.deepEqual(await server.receive(), Uint8Array.from(Buffer.from('last')));
  await turn();
  assert.deepEqual([server.state, finished], ['close-received', false]);
  void server.close();
  await once(stream, 'finish');
  const info = await server.closed;
  assert.deepEqual([info.code, info.wasClean, info.initiator], [1000, true, 'peer']);
});

test('a clean close by the peer ends the readable side and then the writable one', async () => {
  const { server, client } = connectedPair();
  const stream = toDuplex(client);
  stream.resume();
  void server.close(4_000, 'enough');
  await once(stream, 'close');
  assert.deepEqual(
    [stream.readableEnded, stream.writableFinished, stream.errored],
    [true, true, null],
  );
});

test('an unclean close is a ConnectionClosedError', async () => {
  const { server, client } = connectedPair();
  const stream = toDuplex(client);
  stream.resume();
  server.terminate();
  const [error] = (await once(stream, 'error')) as [unknown];
  assert.ok(error instanceof ConnectionClosedError);
  assert.equal(error.info.code, 1006);
});

test('an unclean close fails a pipeline in either position', async () => {
  for (const position of ['first', 'last']) {
    const { server, client } = connectedPair();
    const stream = toDuplex(client);
    const work =
      position === 'first'
        ? pipeline(stream, new Writable({ write: (_chunk, _encoding, done) => done() }))
        : pipeline(new Readable({ read() {} }), stream);
    await turn();
    server.terminate();
    await assert.rejects(work, ConnectionClosedError, position);
  }
});

test('a write that waits for the peer fails with the reason when the connection breaks', async () => {
  const { server, client } = connectedPair();
  const stream = toDuplex(client);
  server.pause();
  const written = new Promise<unknown>((resolve) => stream.write(Buffer.alloc(500_000), resolve));
  stream.on('error', () => {});
  await turn();
  server.terminate();
  assert.ok((await written) instanceof ConnectionClosedError);
});

test('destroy() terminates, with or without an error', async () => {
  for (const error of [undefined, new Error('enough')]) {
    const { server, client } = connectedPair();
    const stream = toDuplex(client);
    const errors: unknown[] = [];
    stream.on('error', (reason) => errors.push(reason));
    stream.destroy(error);
    const info = await server.closed;
    assert.deepEqual([info.code, info.initiator], [1006, 'network']);
    assert.equal((await client.closed).initiator, 'local');
    await turn();
    assert.deepEqual(errors, error === undefined ? [] : [error]);
  }
});

test('a failing pipeline terminates the connection', async () => {
  const { server, client } = connectedPair();
  const failing = new Transform({
    transform: (_chunk, _encoding, done) => done(new Error('mine')),
  });
  const work = pipeline(toDuplex(client), failing);
  server.send('x');
  await assert.rejects(work, /mine/);
  assert.equal((await server.closed).wasClean, false);
});

test('a slow reader holds the sender back, and nothing is lost', async () => {
  const { server, client } = connectedPair();
  const stream = toDuplex(client);
  const size = 50_000;
  const count = 100;
  let sent = 0;
  const sending = (async () => {
    for (; sent < count; sent++) {
      if (!server.send(new Uint8Array(size).fill(sent))) await server.drained();
    }
    await server.close();
  })();
  for (let index = 0; index < 20; index++) await turn();
  // One read ahead, the receive queue, the way between and the soft mark of the sender.
  assert.ok(sent * size < 500_000, `${sent} messages were sent to a reader that does not read`);
  assert.ok(server.bufferedAmount > 0);
  let next = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    assert.deepEqual([chunk.length, chunk[0]], [size, next++]);
    if (next % 10 === 0) await turn();
  }
  await sending;
  assert.equal(next, count);
});

test('a peer that does not read holds a pipeline back', async () => {
  const { server, client } = connectedPair();
  let given = 0;
  const source = new Readable({
    read() {
      this.push(given++ < 200 ? Buffer.alloc(50_000) : null);
    },
  });
  const work = pipeline(source, toDuplex(client));
  for (let index = 0; index < 20; index++) await turn();
  assert.ok(given * 50_000 < 500_000, `${given} chunks were read for a peer that does not read`);
  let received = 0;
  for await (const message of server) received += message.length;
  await work;
  assert.equal(received, 200 * 50_000);
});

test('a connection whose handler takes the messages cannot be a stream', () => {
  const { server } = connectedPair({ server: echo });
  assert.throws(() => toDuplex(server), TypeError);
});

test('anything but a connection is a TypeError that says so', () => {
  for (const wrong of [{}, undefined, 'ws://a.test']) {
    assert.throws(() => toDuplex(wrong as unknown as Connection), /^TypeError: connection must be/);
  }
});

test('Behaviour 1: an unclean end that nobody listens for is silent', async () => {
  const { server, client } = connectedPair();
  const stream = toDuplex(client).resume();
  server.terminate();
  await new Promise<void>((resolve) => stream.once('close', () => resolve()));
  assert.ok(stream.errored instanceof ConnectionClosedError);
});

test('a server makes its stream in open', async () => {
  const { client } = connectedPair({
    server: {
      async open(connection) {
        const stream = toDuplex(connection);
        await turn();
        stream.pipe(stream);
      },
    },
  });
  client.send(Uint8Array.of(1));
  assert.deepEqual(await client.receive(), Uint8Array.of(1));
});

test('unknown options and values are refused by name', () => {
  const { client } = connectedPair();
  assert.throws(() => toDuplex(client, { typ: 'text' } as object), /unknown option typ/);
  assert.throws(() => toDuplex(client, { type: 'blob' as 'text' }), /type must be one of/);
});
