import assert from 'node:assert/strict';
import { Duplex, type DuplexOptions, PassThrough } from 'node:stream';
import test from 'node:test';

import {
  disown,
  isWatched,
  release,
  unwatch,
  watchClose,
  watchData,
  watchErrors,
} from '../../src/transport/stream-events.ts';
import { tcpPair, tlsPair } from '../support/socket-pair.ts';

/** An owner that logs what it hears. */
function logging(log: string[]) {
  return {
    onData: (chunk: Uint8Array) => void log.push(`data ${Buffer.from(chunk).toString()}`),
    onEnd: () => void log.push('end'),
    onError: (error: Error) => void log.push(error.message),
    onClose: () => void log.push('close'),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('each owner hears its own stream, in order', async () => {
  const logs = [[], []] as [string[], string[]];
  const streams = logs.map((log, index) => {
    const stream = new PassThrough();
    watchErrors(stream, logging(log));
    watchClose(stream);
    watchData(stream);
    return stream.end(`${index}`);
  });
  await Promise.all(
    streams.map((stream) => new Promise((resolve) => stream.once('close', resolve))),
  );
  assert.deepEqual(logs, [
    ['data 0', 'end', 'close'],
    ['data 1', 'end', 'close'],
  ]);
});

test('without data only errors and the close are heard', async () => {
  const log: string[] = [];
  const stream = new PassThrough();
  watchErrors(stream, logging(log));
  watchClose(stream);
  stream.write('kept');
  stream.destroy(new Error('broken'));
  await turn();
  assert.deepEqual(log, ['broken', 'close']);
});

test('afterwards nothing is heard, and only a late error has a listener', () => {
  const log: string[] = [];
  const stream = new PassThrough();
  const listeners = () => ['data', 'end', 'close'].map((name) => stream.listenerCount(name));
  const before = listeners();
  watchErrors(stream, logging(log));
  watchClose(stream);
  watchData(stream);
  unwatch(stream);
  assert.deepEqual(listeners(), before);
  stream.emit('error', new Error('late'));
  assert.deepEqual(log, []);
});

test('a later owner hears in place of the first, by the same listeners', async () => {
  const stream = new PassThrough();
  const logs: [string[], string[]] = [[], []];
  watchErrors(stream, logging(logs[0]));
  watchData(stream);
  stream.write('a');
  await turn();
  disown(stream);
  assert.equal(isWatched(stream), false);
  stream.write('unheard');
  await turn();
  watchErrors(stream, logging(logs[1]));
  watchClose(stream);
  watchData(stream);
  assert.equal(isWatched(stream), true);
  assert.deepEqual([stream.listenerCount('data'), stream.listenerCount('error')], [1, 1]);
  stream.end('b');
  await new Promise((resolve) => stream.once('close', resolve));
  assert.deepEqual(logs, [['data a'], ['data b', 'end', 'close']]);
});

test('an error that nobody owns destroys the stream; others read it once it is released', () => {
  const stream = new PassThrough({ autoDestroy: false });
  const counts = () => [stream.listenerCount('data'), stream.listenerCount('error')];
  assert.equal(isWatched(stream), false);
  watchErrors(stream, logging([]));
  disown(stream);
  stream.emit('error', new Error('broken'));
  assert.ok(stream.destroyed);
  watchData(stream);
  release(stream);
  assert.deepEqual(counts(), [0, 0]);
  watchErrors(stream, logging([]));
  watchData(stream);
  assert.deepEqual(counts(), [1, 1]);
});

/** A watched stream that emits no close, and what its owner heard. */
function silent(destroy: NonNullable<DuplexOptions['destroy']>) {
  const log: string[] = [];
  const stream = new Duplex({ emitClose: false, read() {}, destroy });
  watchErrors(stream, logging(log));
  watchClose(stream);
  watchData(stream);
  return { stream, log };
}

test('of a stream that emits no close the owner hears once it has been destroyed', async () => {
  let finish = (): void => {};
  const { stream, log } = silent((_error, callback) => (finish = callback));
  stream.destroy();
  await turn();
  assert.deepEqual(log, []);
  finish();
  assert.deepEqual(log, [], 'not during what its maker does');
  await turn();
  assert.deepEqual(log, ['close']);
});

test('an error of a stream that emits no close is heard before the close', async () => {
  const broken = new Error('broken');
  const { stream, log } = silent((error, callback) => callback(error));
  stream.destroy(broken);
  await turn();
  assert.deepEqual(log, ['broken', 'close']);
  const failing = silent(() => {
    throw new Error('no way to destroy it');
  });
  failing.stream.destroy();
  await turn();
  assert.deepEqual(failing.log, ['no way to destroy it', 'close']);
  assert.equal(stream.errored, broken);
});

test('destroying works as before for all others, and tells nobody who has ceased to watch', async () => {
  const log: string[] = [];
  const stream = new PassThrough();
  const names = ['close', 'error'];
  for (const name of names) stream.on(name, () => log.push(`other ${name}`));
  watchErrors(stream, logging(log));
  watchClose(stream);
  stream.destroy(new Error('broken'));
  await turn();
  assert.deepEqual(log, ['other error', 'broken', 'other close', 'close']);
  const unwatched = silent((_error, callback) => callback(null));
  unwatch(unwatched.stream);
  unwatched.stream.destroy();
  await turn();
  assert.deepEqual(unwatched.log, []);
});

for (const [name, pair] of [
  ['TCP', tcpPair],
  ['TLS', tlsPair],
] as const) {
  test(`${name}: a socket tells of its close by that event alone, and bears nothing more`, async () => {
    const { server, client } = await pair();
    const own = Reflect.ownKeys(server).length;
    watchClose(server);
    assert.equal(Reflect.ownKeys(server).length, own);
    assert.equal(Object.hasOwn(server, '_destroy'), false);
    server.destroy();
    client.destroy();
  });
}
