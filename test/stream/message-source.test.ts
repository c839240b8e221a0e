import assert from 'node:assert/strict';
import test from 'node:test';

import type { Message } from '../../src/connection/handler.ts';
import { ConnectionClosedError } from '../../src/connection/reporting/errors.ts';
import {
  type MessageSink,
  MessageSource,
  sendWhole,
  type StreamableConnection,
} from '../../src/stream/message-source.ts';
import { connectedPair } from '../../src/testing/connected-pair.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Recorder implements MessageSink {
  readonly messages: Message[] = [];
  readonly ends: string[] = [];
  error: unknown;

  onMessage(message: Message): void {
    this.messages.push(message);
  }

  onEnd(): void {
    this.ends.push('end');
  }

  onError(error: unknown): void {
    this.ends.push('error');
    this.error = error;
  }
}

test('a source pulls one message when made and one more each time it is asked', async () => {
  const { server, client } = connectedPair();
  const recorder = new Recorder();
  const source = new MessageSource(client, recorder);
  for (const text of ['a', 'b', 'c']) server.send(text);
  await turn();
  assert.deepEqual(recorder.messages, ['a']);
  source.pull();
  source.pull();
  await turn();
  assert.deepEqual(recorder.messages, ['a', 'b']);
});

test('a source cannot be made where a handler takes the messages', () => {
  const { client } = connectedPair({ client: { message() {} } });
  assert.throws(() => new MessageSource(client, new Recorder()), TypeError);
});

test('a clean close is the end, any other an error', async () => {
  for (const clean of [true, false]) {
    const { server, client } = connectedPair();
    const recorder = new Recorder();
    assert.ok(new MessageSource(client, recorder));
    if (clean) await server.close();
    else server.terminate();
    await client.closed;
    await turn();
    assert.deepEqual(recorder.ends, [clean ? 'end' : 'error']);
    assert.equal(recorder.error instanceof ConnectionClosedError, !clean);
  }
});

test('close() resolves when the peer answered, and what came until then waits to be pulled', async () => {
  const { client } = connectedPair({
    server: {
      message(connection) {
        for (let index = 0; index < 6; index++) connection.send(new Uint8Array(10_000));
      },
    },
  });
  const recorder = new Recorder();
  const source = new MessageSource(client, recorder);
  client.send('go');
  await source.close();
  await turn();
  assert.equal(recorder.messages.length, 1);
  while (recorder.ends.length === 0) {
    source.pull();
    await turn();
  }
  assert.equal(recorder.messages.length, 6);
  assert.deepEqual(recorder.ends, ['end']);
  assert.equal(client.dropped.messages, 0);
});

test('close() rejects when the peer did not answer', async () => {
  const { server, client } = connectedPair();
  const source = new MessageSource(client, new Recorder());
  server.terminate();
  await assert.rejects(source.close(), ConnectionClosedError);
});

test('what was dropped while closing is an error, not an end', async () => {
  const { server, client } = connectedPair();
  const recorder = new Recorder();
  let messages = 0;
  const lossy: StreamableConnection = new Proxy(client, {
    get(target, name) {
      if (name === 'dropped') return { messages: messages++, bytes: 0 };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  await new MessageSource(lossy, recorder).close();
  await server.closed;
  await turn();
  assert.deepEqual(recorder.ends, ['error']);
  assert.match(String(recorder.error), /1 messages came after close\(\)/);
});

test('sendWhole() waits while the peer takes nothing, and says why it never will', async () => {
  const { server, client } = connectedPair();
  server.pause();
  let sent = 0;
  const big = new Uint8Array(200_000);
  const first = sendWhole(client, big).then(() => sent++);
  const second = sendWhole(client, big).then(() => sent++);
  second.catch(() => {});
  await turn();
  await turn();
  assert.equal(sent, 0);
  server.resume();
  const taken = [await server.receive(), await server.receive()];
  await Promise.all([first, second]);
  assert.deepEqual(
    taken.map((message) => message?.length),
    [200_000, 200_000],
  );
  server.terminate();
  await client.closed;
  await assert.rejects(sendWhole(client, 'late'), ConnectionClosedError);
});

test('sendWhole() after a clean close fails with ERR_NOT_OPEN', async () => {
  const { client } = connectedPair();
  await client.close();
  await assert.rejects(sendWhole(client, 'late'), { code: 'ERR_NOT_OPEN', name: 'WebSocketError' });
});

test('sendWhole() says what happened also when this side terminates', async () => {
  const { server, client } = connectedPair();
  server.pause();
  const waiting = sendWhole(client, new Uint8Array(500_000));
  await turn();
  client.terminate();
  await assert.rejects(waiting, ConnectionClosedError);
});
