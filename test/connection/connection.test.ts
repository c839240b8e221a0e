import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { encodeFrame } from '../../src/protocol/frame/encoder.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import { connectedPair } from '../../src/testing/connected-pair.ts';
import { closePayload, rawPair, settle, snapshot, unstarted } from './raw-peer.ts';

describe('Connection: facts', () => {
  test('are what the handshake found out', () => {
    const context = { user: 'ann' };
    const { connection } = unstarted({ role: 'client', context });
    assert.equal(connection.role, 'client');
    assert.equal(connection.context, context);
    assert.deepEqual(connection.params, {});
    assert.deepEqual(connection.request, snapshot());
    assert.deepEqual(
      [connection.subprotocol, connection.extensions, connection.remoteAddress],
      [undefined, '', undefined],
    );
    const { server, client } = connectedPair({
      params: { room: 'a b' },
      subprotocol: 'chat.v1',
      options: { compression: true },
    });
    for (const end of [server, client]) {
      assert.equal(end.params.room, 'a b');
      assert.equal(end.subprotocol, 'chat.v1');
      assert.match(end.extensions, /^permessage-deflate/);
    }
    client.terminate();
  });

  test('id is the same every time and different everywhere, and safe in a URL', () => {
    const ids = Array.from({ length: 1_000 }, () => unstarted().connection.id);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[\w-]{16}$/);
    const { connection } = unstarted();
    assert.equal(connection.id, connection.id);
  });
});

describe('Connection: start()', () => {
  test('calls open before it receives what came with the handshake', () => {
    const log: string[] = [];
    const { connection } = rawPair({
      handler: {
        open: () => void log.push('open'),
        message: (_connection, message) => void log.push(String(message)),
      },
      head: encodeFrame(Opcode.Text, 'hi', { maskingKey: 1 }),
    });
    assert.deepEqual(log, ['open', 'hi']);
    connection.terminate();
  });
});

describe('Connection: signal', () => {
  test('is one, aborted with ERR_NOT_OPEN in the moment of the end, before closed', async () => {
    const { connection, peer } = rawPair();
    const { signal } = connection;
    assert.equal(connection.signal, signal);
    assert.equal(signal.aborted, false);
    const order: string[] = [];
    signal.addEventListener('abort', () => order.push(`abort ${connection.state}`));
    void connection.closed.then(() => order.push('closed'));
    peer.transport.destroy();
    await connection.closed;
    assert.deepEqual(order, ['abort closed', 'closed']);
    assert.equal((signal.reason as { code?: string }).code, 'ERR_NOT_OPEN');
  });

  test('asked for after the end it is aborted already', async () => {
    const { connection } = rawPair();
    connection.terminate();
    assert.equal(connection.signal.aborted, true);
    assert.equal(connection.signal, connection.signal);
  });
});

describe('Connection: close() and state', () => {
  test('RFC 6455 §7.1.3: state goes open, close-sent, closed; or open, close-received, closed', async () => {
    const ours = rawPair();
    assert.equal(ours.connection.state, 'open');
    void ours.connection.close();
    assert.equal(ours.connection.state, 'close-sent');
    ours.peer.close();
    await settle();
    assert.equal(ours.connection.state, 'closed');
    const theirs = rawPair({ options: { echoClose: false } });
    theirs.peer.close(4000);
    await settle();
    assert.equal(theirs.connection.state, 'close-received');
    void theirs.connection.close(4001);
    assert.equal(theirs.connection.state, 'closed');
  });

  test('wrong arguments throw at once, also when it is closed already', () => {
    const { connection } = rawPair();
    for (let round = 0; round < 2; round++) {
      assert.throws(() => connection.close('1000' as never), /^TypeError: code must be a number/);
      assert.throws(
        () => connection.close(1000, 5 as never),
        /^TypeError: reason must be a string/,
      );
      for (const code of [999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, NaN]) {
        assert.throws(() => connection.close(code), {
          name: 'RangeError',
          message: /4999, but is/,
        });
      }
      connection.terminate();
    }
  });

  test('resolves to what `closed` does, however often it is called', async () => {
    const { connection, peer } = rawPair();
    const closings = [connection.close(4000, 'first'), connection.close(4001, 'second')];
    closings.push(connection.closed);
    peer.close(4000);
    peer.transport.end();
    const [first, ...others] = await Promise.all(closings);
    for (const other of others) assert.equal(other, first);
    assert.equal(first, await connection.close());
    assert.deepEqual(peer.log, ['close 4000 first']);
  });

  test('with echoClose: false it answers the Close that came, with its own code', async () => {
    const { connection, peer } = rawPair({ options: { echoClose: false } });
    peer.send(Opcode.Close, closePayload(4000, 'theirs'));
    await settle();
    assert.deepEqual(peer.log, []);
    const closing = connection.close(4001, 'ours');
    peer.transport.end();
    const { code, sentCode, receivedCode, wasClean } = await closing;
    assert.deepEqual([code, sentCode, receivedCode, wasClean], [4000, 4001, 4000, true]);
    assert.deepEqual(peer.log, ['close 4001 ours']);
  });
});

describe('Connection: pause() and resume()', () => {
  test('hold back what was not received yet, and do nothing once it is closing', async () => {
    const seen: unknown[] = [];
    const { connection, peer } = rawPair({
      handler: { message: (_connection, message) => void seen.push(message) },
    });
    connection.pause();
    connection.pause();
    peer.texts('a', 'b');
    await settle();
    assert.deepEqual(seen, []);
    connection.resume();
    assert.deepEqual(seen, ['a', 'b']);
    void connection.close();
    connection.pause();
    peer.texts('c');
    peer.close();
    await settle();
    assert.deepEqual(seen, ['a', 'b', 'c']);
    assert.equal(connection.state, 'closed');
  });
});

describe('Connection: pulling', () => {
  test('receive() and iteration share one line of messages', async () => {
    const { connection, peer } = rawPair({ role: 'client' });
    peer.texts('a', 'b', 'c');
    const iterator = connection[Symbol.asyncIterator]();
    const values = [await iterator.next(), { value: await connection.receive() }];
    values.push(await iterator.next());
    assert.deepEqual(
      values.map(({ value }) => value),
      ['a', 'b', 'c'],
    );
    connection.terminate();
  });

  test('is a TypeError at once where a handler receives, also for an iteration', () => {
    const { connection } = rawPair({ handler: { message() {} } });
    assert.throws(() => connection.receive(), TypeError);
    assert.throws(() => connection[Symbol.asyncIterator](), TypeError);
    assert.equal(connection.state, 'open');
  });

  test('leaving an iteration closes with 1000', async () => {
    const { connection, peer } = rawPair({ role: 'client' });
    peer.texts('a');
    for await (const message of connection) {
      assert.equal(message, 'a');
      break;
    }
    await settle();
    assert.deepEqual(peer.log, ['close 1000']);
    connection.terminate();
  });
});

describe('Connection: the way out', () => {
  test('bufferedAmount and dropped tell what waits and what never went', async () => {
    const { connection, peer } = rawPair({ options: { backpressure: { soft: 10, hard: 20 } } });
    await settle();
    assert.equal(connection.bufferedAmount, 0);
    peer.transport.pause();
    connection.send('x'.repeat(30));
    assert.ok(connection.bufferedAmount >= 30);
    assert.deepEqual(connection.dropped, { messages: 0, bytes: 0 });
    assert.equal(connection.send('dropped'), false);
    assert.deepEqual(connection.dropped, { messages: 1, bytes: 7 });
    connection.terminate();
  });

  test('terminate() drops everything at once; nothing throws afterwards', async () => {
    const { connection, peer } = rawPair();
    connection.send('lost');
    connection.terminate();
    assert.equal(connection.state, 'closed');
    connection.terminate();
    connection.pause();
    connection.resume();
    connection.markAlive();
    assert.equal(connection.send('x'), false);
    const { code, initiator } = await connection.closed;
    assert.deepEqual([code, initiator, peer.log], [1006, 'local', []]);
  });
});

test('Behaviour 1: a handler that awaits a ping is told when messages hold its answer up', async () => {
  const errors: unknown[] = [];
  const { connection, peer, clock } = rawPair({
    options: { receiveQueue: 10 },
    handler: {
      message: (one) => one.ping(),
      error: (_connection, error) => void errors.push(error),
    },
  });
  peer.texts('pings', 'fills the queue', 'held back');
  await settle();
  peer.send(Opcode.Pong, '');
  await settle();
  peer.transport.destroy();
  await clock.pass(20_000);
  assert.equal((await connection.closed).initiator, 'network');
  assert.match(String(errors[0]), /hold up the answer/);
});
