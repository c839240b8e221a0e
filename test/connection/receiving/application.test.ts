import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { CloseInfo } from '../../../src/connection/closing/close-info.ts';
import type { Handler, Message } from '../../../src/connection/handler.ts';
import type { ConnectionOptions } from '../../../src/connection/options/options.ts';
import { Application } from '../../../src/connection/receiving/application.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { memoryPair } from '../../../src/transport/memory.ts';
import { deferred, optionsOf, settle, snapshot, unstarted } from '../raw-peer.ts';

const info: CloseInfo = {
  code: 1000,
  reason: '',
  wasClean: true,
  initiator: 'peer',
  phase: 'open',
  bufferedAmount: 0,
  retryable: false,
};
const text = { rsv: 0, opcode: 1 };
const piece = { type: 'binary', first: true, last: true, remaining: 0 } as const;

/** An application for a handler, and what it asked of its connection. */
function makeApplication(handler: Handler | undefined, options: ConnectionOptions = {}) {
  const { connection } = unstarted();
  const log: string[] = [];
  const setup = {
    role: 'server',
    transport: memoryPair()[0],
    handler,
    options: optionsOf('server', options),
    request: snapshot(),
    params: {},
    context: undefined,
    subprotocol: undefined,
    extensions: '',
    deflate: undefined,
    remoteAddress: undefined,
  } as const;
  const application = new Application(connection, setup, new VirtualClock(), {
    hold: () => log.push('hold'),
    release: () => log.push('release'),
    onHandlerError: (error) => void log.push(`failed ${String(error)}`),
    onDecision: (pieces) => void log.push(pieces ? 'pieces' : 'whole'),
    onDropped: (messages, bytes) => void log.push(`dropped ${messages} ${bytes}`),
    onTaken() {},
  });
  const messages = (...all: readonly Message[]): void => {
    for (const data of all) application.onMessage(data, text);
  };
  return { application, connection, log, messages };
}

describe('Application: with a handler', () => {
  test('calls each method with the connection and what it is about', () => {
    const calls: unknown[][] = [];
    const noting =
      (name: string) =>
      (...args: readonly unknown[]): void =>
        void calls.push([name, ...args]);
    const handler: Handler = {
      open: noting('open'),
      message: noting('message'),
      ping: noting('ping'),
      pong: noting('pong'),
      drain: noting('drain'),
      close: noting('close'),
    };
    const { application, connection, messages } = makeApplication(handler);
    application.open();
    messages('a');
    application.onPing(new Uint8Array(1));
    application.onPong(new Uint8Array(2), 5);
    application.onDrained();
    application.onEnd(info);
    assert.deepEqual(
      calls.map(([name, first]) => [name, first === connection]),
      ['open', 'message', 'ping', 'pong', 'drain', 'close'].map((name) => [name, true]),
    );
    assert.deepEqual(
      calls.map(([, , ...rest]) => rest),
      [[], ['a', undefined], [new Uint8Array(1)], [new Uint8Array(2), 5], [], [info]],
    );
  });

  test('calls them as methods of the handler', () => {
    class Counter implements Handler {
      count = 0;

      message(): void {
        this.count++;
      }
    }
    const counter = new Counter();
    const { application, messages } = makeApplication(counter);
    application.open();
    messages('a', 'b');
    assert.equal(counter.count, 2);
  });

  test('pieces go to fragment', () => {
    const seen: unknown[] = [];
    const { application } = makeApplication({
      fragment: (_connection, bytes, where) => void seen.push(bytes, where),
    });
    application.open();
    application.onPiece(new Uint8Array(3), piece);
    assert.deepEqual(seen, [new Uint8Array(3), piece]);
  });

  test('nothing is handed over before open has finished, also when open fails', async () => {
    for (const fails of [false, true]) {
      const opening = deferred();
      const seen: Message[] = [];
      const { application, log, messages } = makeApplication({
        open: () => opening.promise,
        message: (_connection, message) => void seen.push(message),
        error() {},
      });
      application.open();
      messages('a');
      application.onEnd(info);
      assert.deepEqual(seen, []);
      if (fails) opening.reject('late');
      else opening.resolve();
      await settle(1);
      assert.deepEqual(seen, fails ? [] : ['a']);
      assert.deepEqual(log, fails ? ['failed late'] : []);
    }
  });

  test('what any of them throws is reported and fails the connection', () => {
    const errors: unknown[] = [];
    const thrower = (): never => {
      throw new Error('broke');
    };
    const handler: Handler = {
      ping: thrower,
      pong: thrower,
      drain: thrower,
      error: (_connection, error) => void errors.push(error),
    };
    const { application, log } = makeApplication(handler);
    application.onPing(new Uint8Array(0));
    application.onPong(new Uint8Array(0), undefined);
    application.onDrained();
    assert.equal(errors.length, 3);
    assert.deepEqual(log, Array<string>(3).fill('failed Error: broke'));
  });

  test('cannot be pulled', () => {
    for (const handler of [{ message() {} }, { fragment() {} }]) {
      const { application } = makeApplication(handler);
      assert.throws(() => application.pull(undefined), /^TypeError: messages go to the handler/);
      assert.throws(() => application.checkPull(), TypeError);
    }
  });

  test('bits are handed over only where they were asked for', () => {
    for (const allowReservedBits of [true, false]) {
      const seen: unknown[] = [];
      const { application } = makeApplication(
        { message: (_connection, _message, bits) => void seen.push(bits) },
        { allowReservedBits },
      );
      application.open();
      application.onMessage('a', { rsv: 2, opcode: 1 });
      assert.deepEqual(seen, [allowReservedBits ? { rsv: 2, opcode: 1 } : undefined]);
    }
  });
});

describe('Application: without message and fragment', () => {
  test('without any handler messages are kept until they are pulled', async () => {
    const { application, log, messages } = makeApplication(undefined);
    application.open();
    messages('a', 'b');
    assert.deepEqual([await application.pull({}), await application.pull({})], ['a', 'b']);
    assert.deepEqual(log, ['whole']);
    application.onEnd(info);
    assert.equal(await application.pull({}), undefined);
  });

  test('with a handler that only listens they are discarded, uncounted', () => {
    let closed = 0;
    const { application, log, messages } = makeApplication({ close: () => closed++ });
    application.open();
    assert.deepEqual(log, ['whole']);
    messages('a'.repeat(1_000_000));
    application.onPiece(new Uint8Array(1), piece);
    application.onEnd(info);
    assert.deepEqual([log, closed], [['whole'], 1]);
  });

  test('unless open pulls before its first await', async () => {
    const pulled: unknown[] = [];
    const { application, messages } = makeApplication({
      async open() {
        pulled.push(await application.pull({}));
        pulled.push(await application.pull({}));
      },
    });
    application.open();
    messages('a', 'b');
    await settle(1);
    assert.deepEqual(pulled, ['a', 'b']);
  });

  test('pulling later ends the discarding', async () => {
    const { application, messages } = makeApplication({ open() {} });
    application.open();
    messages('discarded');
    const pulling = application.pull({});
    messages('kept');
    assert.equal(await pulling, 'kept');
  });

  test('pulling begun while closing, or after the end, knows it', async () => {
    const { application, log, messages } = makeApplication({ open() {} }, { receiveQueue: 1 });
    application.open();
    application.onClosing();
    const pulling = application.pull({});
    messages('a', 'b', 'c');
    assert.equal(log.includes('hold'), false);
    application.onEnd(info);
    assert.equal(await pulling, 'a');
    const late = makeApplication({ open() {} }).application;
    late.open();
    late.onEnd({ ...info, wasClean: false });
    await assert.rejects(late.pull({}), { name: 'ConnectionClosedError' });
  });

  test('closing lets go of a peer that a full queue held back', () => {
    const { application, log, messages } = makeApplication(undefined, { receiveQueue: 1 });
    application.open();
    messages('a');
    application.onClosing();
    messages('b');
    assert.deepEqual(log, ['hold', 'release']);
  });

  test('leaving drops and counts', () => {
    const { application, log, messages } = makeApplication(undefined);
    application.leave();
    application.open();
    messages('a', 'é');
    application.leave();
    messages('c');
    assert.deepEqual(log, ['dropped 2 3', 'dropped 1 1']);
  });
});
