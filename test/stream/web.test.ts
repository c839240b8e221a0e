import assert from 'node:assert/strict';
import test from 'node:test';

import type { Message } from '../../src/connection/handler.ts';
import { ConnectionClosedError } from '../../src/connection/reporting/errors.ts';
import { toWebStreams } from '../../src/stream/web.ts';
import { connectedPair } from '../../src/testing/connected-pair.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Reads to the end. */
async function readAll(readable: ReadableStream<Message>): Promise<Message[]> {
  const messages: Message[] = [];
  const reader = readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return messages;
    messages.push(value);
  }
}

test('one chunk is one message, both ways and of both types, empty ones too', async () => {
  const { server, client } = connectedPair();
  const streams = toWebStreams(client);
  const writer = streams.writable.getWriter();
  const messages = ['ä', Uint8Array.of(1, 2), '', new Uint8Array()];
  for (const message of messages) {
    void writer.write(message);
    server.send(message);
  }
  const closing = writer.close();
  assert.deepEqual(await readAll(streams.readable), messages);
  await closing;
  const received: Message[] = [];
  for await (const message of server) received.push(message);
  assert.deepEqual(received, messages);
});

test('pipeTo from one connection to another carries everything and closes with 1000', async () => {
  const near = connectedPair();
  const far = connectedPair();
  const piped = toWebStreams(near.client).readable.pipeTo(toWebStreams(far.client).writable);
  const sending = (async () => {
    for (let index = 0; index < 300; index++) {
      if (!near.server.send(new Uint8Array(20_000).fill(index))) await near.server.drained();
    }
    await near.server.close();
  })();
  let count = 0;
  for await (const message of far.server) {
    assert.deepEqual([message.length, message[0]], [20_000, count++ % 256]);
  }
  await Promise.all([piped, sending]);
  assert.equal(count, 300);
  const { code, wasClean } = await far.server.closed;
  assert.deepEqual([code, wasClean], [1000, true]);
});

test('closing the writable closes with 1000 and resolves when the peer has answered', async () => {
  const { server, client } = connectedPair();
  const { writable } = toWebStreams(client);
  const writer = writable.getWriter();
  await writer.close();
  const info = await server.closed;
  assert.deepEqual([info.code, info.wasClean, info.initiator], [1000, true, 'peer']);
});

test('a clean close by the peer ends the readable and fails what is still written', async () => {
  const { server, client } = connectedPair();
  const { readable, writable } = toWebStreams(client);
  const writer = writable.getWriter();
  const failed = assert.rejects(writer.closed, ConnectionClosedError);
  await server.close(4_000, 'enough');
  assert.deepEqual(await readAll(readable), []);
  await failed;
  await assert.rejects(writer.write('late'), ConnectionClosedError);
});

test('an unclean close fails both with a ConnectionClosedError', async () => {
  const { server, client } = connectedPair();
  const { readable, writable } = toWebStreams(client);
  const writer = writable.getWriter();
  const failed = assert.rejects(writer.closed, ConnectionClosedError);
  server.send('before');
  await turn();
  server.terminate();
  const reader = readable.getReader();
  assert.deepEqual(await reader.read(), { done: false, value: 'before' });
  await assert.rejects(reader.read(), ConnectionClosedError);
  await failed;
});

test('an unclean close fails a writable that was being closed', async () => {
  const { server, client } = connectedPair();
  const { writable } = toWebStreams(client);
  server.pause();
  const closing = assert.rejects(writable.close(), ConnectionClosedError);
  await turn();
  server.terminate();
  await closing;
});

test('cancelling the readable terminates', async () => {
  const { server, client } = connectedPair();
  const { readable } = toWebStreams(client);
  server.send('never read');
  await readable.cancel(new Error('enough'));
  assert.equal((await server.closed).code, 1006);
  assert.equal((await client.closed).initiator, 'local');
});

test('a message that arrives together with the cancelling is dropped without a word', async () => {
  const { client } = connectedPair();
  let arrive: (message: Message) => void = () => {};
  const late = new Promise<Message | undefined>((resolve) => (arrive = resolve));
  const connection = new Proxy(client, {
    get(target, name) {
      if (name === 'receive') return () => late;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const { readable } = toWebStreams(connection);
  await readable.cancel();
  arrive('late');
  await turn();
  assert.deepEqual(await readable.getReader().read(), { done: true, value: undefined });
});

test('aborting the writable terminates, also while a write waits for the peer', async () => {
  const { server, client } = connectedPair();
  const { readable, writable } = toWebStreams(client);
  server.pause();
  const writer = writable.getWriter();
  const waiting = assert.rejects(writer.write(new Uint8Array(500_000)));
  const failed = assert.rejects(writer.closed, /enough/);
  await turn();
  await writer.abort(new Error('enough'));
  await Promise.all([waiting, failed]);
  assert.equal((await client.closed).initiator, 'local');
  await assert.rejects(readable.getReader().read(), ConnectionClosedError);
});

test('a slow reader holds the sender back, and nothing is lost', async () => {
  const { server, client } = connectedPair();
  const { readable } = toWebStreams(client);
  const size = 50_000;
  let sent = 0;
  const sending = (async () => {
    for (; sent < 100; sent++) {
      if (!server.send(new Uint8Array(size).fill(sent))) await server.drained();
    }
    await server.close();
  })();
  for (let index = 0; index < 20; index++) await turn();
  assert.ok(sent * size < 500_000, `${sent} messages were sent to a reader that does not read`);
  const messages = await readAll(readable);
  await sending;
  assert.deepEqual(
    messages.map((message) => message[0]),
    Array.from({ length: 100 }, (_, index) => index),
  );
});

test('a peer that does not read holds the writer back', async () => {
  const { server, client } = connectedPair();
  const { writable } = toWebStreams(client);
  server.pause();
  const writer = writable.getWriter();
  let written = 0;
  const writing = (async () => {
    for (; written < 50; written++) await writer.write(new Uint8Array(50_000));
    await writer.close();
  })();
  for (let index = 0; index < 20; index++) await turn();
  assert.ok(written * 50_000 < 500_000, `${written} messages were written`);
  server.resume();
  let received = 0;
  for await (const message of server) received += message.length;
  await writing;
  assert.equal(received, 50 * 50_000);
});

test('what is neither text nor bytes fails the writable and leaves the connection', async () => {
  const { server, client } = connectedPair();
  const { readable, writable } = toWebStreams(client);
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  await assert.rejects(writer.write(7 as unknown as string), TypeError);
  server.send('still here');
  assert.equal((await readable.getReader().read()).value, 'still here');
});

test('a connection whose handler takes the messages cannot become streams', () => {
  const { client } = connectedPair({ client: { message() {} } });
  assert.throws(() => toWebStreams(client), TypeError);
});
