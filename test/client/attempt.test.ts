import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';

import { parseAddress } from '../../src/client/address.ts';
import { Attempt, type AttemptPlan } from '../../src/client/attempt.ts';
import { TimeoutError } from '../../src/connection/reporting/errors.ts';
import { type Clock, type Deadline, sharedClock } from '../../src/connection/timing/clock.ts';
import type { Accepted } from '../../src/handshake/decision.ts';
import { HandshakeError } from '../../src/handshake/errors.ts';
import { requestHead } from '../../src/handshake/request.ts';
import { listening } from '../server/serving.ts';
import { type Answering, rawServer, switching } from './raw-server.ts';

interface Opened {
  readonly socket: Socket;
  readonly accepted: Accepted;
  readonly rest: Uint8Array;
}

/** What else a plan may say, and the clock to run it on. */
interface Changes extends Partial<AttemptPlan> {
  readonly clock?: Clock;
  readonly subprotocols?: readonly string[];
}

function attempt(url: string, changes: Changes = {}): Promise<Opened> {
  const { clock, subprotocols = [], ...rest } = changes;
  const address = parseAddress(url, undefined);
  const { authority: host, target } = address;
  const plan: AttemptPlan = {
    address,
    request: requestHead({ host, target, subprotocols }),
    tls: {},
    connectTimeout: 5_000,
    handshakeTimeout: 5_000,
    signal: undefined,
    ...rest,
  };
  return new Promise((resolve, reject) => {
    const sink = {
      onAccepted: (socket: Socket, accepted: Accepted, rest: Uint8Array) =>
        resolve({ socket, accepted, rest }),
      onFailed: reject,
    };
    new Attempt(plan, sink, clock).start();
  });
}

/** The error of an attempt that must fail. */
async function failure(opening: Promise<unknown>): Promise<unknown> {
  return opening.then(
    () => assert.fail('the attempt must fail'),
    (error: unknown) => error,
  );
}

async function handshakeError(opening: Promise<unknown>): Promise<HandshakeError> {
  const error = await failure(opening);
  assert.ok(error instanceof HandshakeError, String(error));
  return error;
}

/** A clock that stands still; tells what is due and fires it when asked to. */
class ManualClock implements Clock {
  readonly pending = new Map<Deadline, { readonly delay: number; readonly task: () => void }>();
  /** What became due and was not cancelled, in the order it was asked for. */
  readonly delays: number[] = [];

  now(): number {
    return 0;
  }

  after(delay: number, task: () => void): Deadline {
    const deadline: Deadline = { cancel: () => this.pending.delete(deadline) };
    this.pending.set(deadline, { delay, task });
    this.delays.push(delay);
    return deadline;
  }

  fire(): void {
    for (const [deadline, { task }] of this.pending) {
      this.pending.delete(deadline);
      task();
    }
  }
}

async function answered(
  t: TestContext,
  answer: Answering,
  changes?: Changes,
): Promise<HandshakeError> {
  const server = await rawServer(t, answer);
  const error = await handshakeError(attempt(`ws://127.0.0.1:${server.port}/`, changes));
  await server.gone();
  return error;
}

describe('C-54: F107: RFC 6455 §4.1: servers that do not accept', () => {
  const withoutLine = (head: string, name: string): string =>
    head.replace(new RegExp(`${name}: .*\r\n`), '');
  const servers: [string, string, (accept: string) => string, number | undefined][] = [
    [
      'STATUS_NOT_101',
      'ERR_NO_HANDSHAKE',
      () => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      200,
    ],
    ['ACCEPT_MISSING', 'ERR_WRONG_ACCEPT', (a) => withoutLine(switching(a), 'Sec-.*Accept'), 101],
    ['ACCEPT_WRONG', 'ERR_WRONG_ACCEPT', () => switching('s3pPLMBiTxaQ9kYGzzhZRbK+xOo='), 101],
    [
      'ANSWER_UPGRADE_MISSING',
      'ERR_NO_HANDSHAKE',
      (a) => withoutLine(switching(a), 'Upgrade'),
      101,
    ],
    [
      'ANSWER_UPGRADE_INVALID',
      'ERR_NO_HANDSHAKE',
      (a) => switching(a).replace('Upgrade: websocket', 'Upgrade: foo'),
      101,
    ],
    [
      'SUBPROTOCOL_UNOFFERED',
      'ERR_SUBPROTOCOL',
      (a) => switching(a, 'Sec-WebSocket-Protocol: foo'),
      101,
    ],
    [
      'EXTENSION_UNOFFERED',
      'ERR_NO_HANDSHAKE',
      (a) => switching(a, 'Sec-WebSocket-Extensions: permessage-deflate'),
      101,
    ],
    ['ANSWER_MALFORMED', 'ERR_NO_HANDSHAKE', () => 'SSH-2.0-x\r\n', undefined],
    [
      'ANSWER_TOO_LARGE',
      'ERR_NO_HANDSHAKE',
      (a) => switching(a, `A: ${'b'.repeat(9_000)}`),
      undefined,
    ],
  ];

  for (const [refusal, code, answer, statusCode] of servers) {
    test(`${refusal}: a HandshakeError, and the socket is gone`, async (t) => {
      const error = await answered(t, (socket, accept) => socket.write(answer(accept)));
      assert.equal(error.refusal, refusal);
      assert.equal(error.code, code);
      assert.equal(error.statusCode, statusCode);
    });
  }

  test('MS-09: a redirect is not followed; its headers and body are there to see', async (t) => {
    const error = await answered(t, (socket) =>
      socket.write('HTTP/1.1 302 Found\r\nLocation: http://b/\r\nContent-Length: 3\r\n\r\nb/!'),
    );
    assert.equal(error.statusCode, 302);
    assert.equal(error.headers.get('location'), 'http://b/');
    assert.equal(error.body, 'b/!');
  });

  test('a body that ends with the connection, and one in chunks', async (t) => {
    const until = await answered(t, (socket) => socket.end('HTTP/1.1 404 x\r\n\r\nnot here'));
    assert.equal(until.body, 'not here');
    const chunked = await answered(t, (socket) =>
      socket.write('HTTP/1.1 404 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n'),
    );
    assert.equal(chunked.body, 'no');
  });

  test('a body without end stops at 64 KiB', async (t) => {
    const error = await answered(t, (socket) => {
      socket.write('HTTP/1.1 404 x\r\n\r\n');
      const more = (): void => {
        while (!socket.destroyed && socket.write('x'.repeat(16_384)));
      };
      socket.on('drain', more);
      more();
    });
    assert.equal(error.body.length, 65_536);
  });

  test('a server that hangs up, gently or not', async (t) => {
    const ended = await answered(t, (socket) => socket.end('HTTP/1.1 101 Sw'));
    assert.equal(ended.refusal, 'ANSWER_INCOMPLETE');
    const reset = await answered(t, (socket) => socket.resetAndDestroy());
    assert.equal(reset.refusal, 'ANSWER_INCOMPLETE');
    assert.equal((reset.cause as NodeJS.ErrnoException).code, 'ECONNRESET');
  });
});

describe('a server that is not there', () => {
  test('the error of the system is the cause, and the message says where', async () => {
    const port = await closedPort();
    const error = await handshakeError(attempt(`ws://127.0.0.1:${port}/`));
    assert.equal(error.refusal, 'UNREACHABLE');
    assert.equal(error.code, 'ERR_NO_HANDSHAKE');
    assert.equal(error.statusCode, undefined);
    assert.equal((error.cause as NodeJS.ErrnoException).code, 'ECONNREFUSED');
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`));
  });

  test('when every address of a name fails, the message says how', async () => {
    const port = await closedPort();
    const lookup = (
      _host: string,
      _options: unknown,
      done: (error: null, found: { address: string; family: number }[]) => void,
    ): void => {
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ]);
    };
    const tls = { lookup: lookup as never };
    const error = await handshakeError(attempt(`wss://example.com:${port}/`, { tls }));
    assert.equal(error.refusal, 'UNREACHABLE');
    assert.match(error.message, new RegExp(`example\\.com:${port}: .*ECONNREFUSED`));
  });

  test('no socket at a path', async () => {
    const error = await handshakeError(attempt('ws+unix:/nowhere/at/all.sock:/'));
    assert.equal((error.cause as NodeJS.ErrnoException).code, 'ENOENT');
  });

  test('TL-03: wss where the server speaks plain HTTP: one line says so, OpenSSL is the cause', async () => {
    const port = await listening();
    const error = await handshakeError(attempt(`wss://127.0.0.1:${port}/`));
    assert.equal(error.refusal, 'UNREACHABLE');
    assert.match(error.message, /127\.0\.0\.1:\d+: the server does not speak TLS here; [^\n]*$/);
    assert.doesNotMatch(error.message, /SSL|\.c:/);
    assert.equal(
      (error.cause as NodeJS.ErrnoException & { library?: string }).library,
      'SSL routines',
    );
  });

  test('TL-03: ws where the server answers by a TLS alert: the message says so', async (t) => {
    const alert = Buffer.from('15030100020246', 'hex');
    const error = await answered(t, (socket) => socket.end(alert));
    assert.match(error.message, /the server speaks TLS, use wss/);
  });

  test('what node:tls does not take is a rejection, not an exception', async () => {
    const tls = { cert: 'no certificate' };
    const error = await handshakeError(attempt('wss://127.0.0.1:1/', { tls }));
    assert.equal(error.refusal, 'UNREACHABLE');
    assert.ok(error.cause instanceof Error);
  });
});

/** A port where somebody listened just now, and nobody does any more. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Listens, but never accepts: what comes when its queue is full gets no answer at all. */
async function blackHole(t: TestContext): Promise<number> {
  const source = `
    const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    });`;
  const worker = new Worker(source, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const waiting = Array.from({ length: 8 }, () => connectTcp(port, '127.0.0.1'));
  for (const socket of waiting) socket.on('error', () => {});
  t.after(async () => {
    for (const socket of waiting) socket.destroy();
    await worker.terminate();
  });
  await once(waiting[0] as Socket, 'connect');
  return port;
}

/** A deadline is never early; how late it may be leaves room for a busy machine. */
function assertDue(elapsed: number, due: number): void {
  assert.ok(elapsed >= due - 1 && elapsed < due + 500, `${elapsed} ms instead of ${due}`);
}

describe('C-78: F108: MS-01: deadlines', () => {
  test('connectTimeout: a port that does not answer', async (t) => {
    const port = await blackHole(t);
    const begun = performance.now();
    const error = await failure(attempt(`ws://127.0.0.1:${port}/`, { connectTimeout: 300 }));
    assertDue(performance.now() - begun, 300);
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.code, 'ERR_TIMEOUT');
    assert.equal(error.message, `no connection to 127.0.0.1:${port} within 300 ms`);
  });

  test('connectTimeout: a server that takes no part in TLS', async (t) => {
    const server = await rawServer(t);
    const begun = performance.now();
    const url = `wss://127.0.0.1:${server.port}/`;
    const error = await failure(attempt(url, { connectTimeout: 300 }));
    assertDue(performance.now() - begun, 300);
    assert.ok(error instanceof TimeoutError);
    await server.gone();
  });

  test('handshakeTimeout: a server that accepts TCP and says nothing', async (t) => {
    const server = await rawServer(t);
    const begun = performance.now();
    const url = `ws://127.0.0.1:${server.port}/`;
    const error = await failure(attempt(url, { handshakeTimeout: 300, connectTimeout: 60_000 }));
    assertDue(performance.now() - begun, 300);
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.message, `no answer from 127.0.0.1:${server.port} within 300 ms`);
    await server.gone();
  });

  test('handshakeTimeout begins anew with the request', async (t) => {
    const clock = new ManualClock();
    const server = await rawServer(t, (socket, accept) => socket.write(switching(accept)));
    const url = `ws://127.0.0.1:${server.port}/`;
    const times = { connectTimeout: 111, handshakeTimeout: 222 };
    const { socket } = await attempt(url, { clock, ...times });
    assert.deepEqual(clock.delays, [111, 222]);
    assert.equal(clock.pending.size, 0);
    socket.destroy();
  });

  test('an answer that trickles does not extend it', async (t) => {
    const clock = new ManualClock();
    const url = await new Promise<string>((resolve) => {
      void rawServer(t, (socket) => {
        socket.write('HTTP/1.1 101 Swi');
        clock.fire();
      }).then(({ port }) => resolve(`ws://127.0.0.1:${port}/`));
    });
    assert.ok((await failure(attempt(url, { clock }))) instanceof TimeoutError);
  });

  test('a refusal whose body does not end is told with what came of it', async (t) => {
    const server = await rawServer(t, (socket) => socket.write('HTTP/1.1 404 x\r\n\r\nnot he'));
    const url = `ws://127.0.0.1:${server.port}/`;
    const error = await handshakeError(attempt(url, { handshakeTimeout: 200 }));
    assert.equal(error.statusCode, 404);
    assert.equal(error.body, 'not he');
    await server.gone();
  });
});

describe('signal', () => {
  const isIdle = (signal: AbortSignal): boolean => getEventListeners(signal, 'abort').length === 0;

  test('aborted before: the reason, and nothing is sent', async (t) => {
    const server = await rawServer(t);
    const reason = new Error('never mind');
    const signal = AbortSignal.abort(reason);
    assert.equal(await failure(attempt(`ws://127.0.0.1:${server.port}/`, { signal })), reason);
    assert.deepEqual(server.requests, []);
    assert.ok(isIdle(signal));
  });

  test('aborted while it connects', async (t) => {
    const port = await blackHole(t);
    const controller = new AbortController();
    const { signal } = controller;
    const opening = failure(attempt(`ws://127.0.0.1:${port}/`, { signal }));
    controller.abort('enough');
    assert.equal(await opening, 'enough');
    assert.ok(isIdle(signal));
  });

  test('aborted while it waits for the answer: the socket is gone', async (t) => {
    const controller = new AbortController();
    const { signal } = controller;
    const server = await rawServer(t, () => controller.abort());
    const url = `ws://127.0.0.1:${server.port}/`;
    const error = await failure(attempt(url, { signal }));
    assert.equal((error as Error).name, 'AbortError');
    await server.gone();
    assert.ok(isIdle(signal));
  });

  test('aborted afterwards: no effect, nobody listens', async (t) => {
    const controller = new AbortController();
    const { signal } = controller;
    const server = await rawServer(t, (socket, accept) => socket.write(switching(accept)));
    const { socket } = await attempt(`ws://127.0.0.1:${server.port}/`, { signal });
    assert.ok(isIdle(signal));
    controller.abort();
    assert.equal(socket.destroyed, false);
    socket.destroy();
  });

  test('after a failure nobody listens either', async (t) => {
    const { signal } = new AbortController();
    await answered(t, (socket) => socket.end('HTTP/1.1 404 x\r\n\r\n'), { signal });
    assert.ok(isIdle(signal));
  });
});

describe('what is left behind', () => {
  test('after success: the socket without listeners of ours, and the bytes that followed', async (t) => {
    const server = await rawServer(t, (socket, accept) =>
      socket.write(Buffer.from(`${switching(accept)}\x81\x05Hello`, 'latin1')),
    );
    const { socket, accepted, rest } = await attempt(`ws://127.0.0.1:${server.port}/`);
    const fresh = connectTcp({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    await once(fresh, 'connect');
    for (const event of ['connect', 'secureConnect', 'data', 'end', 'error', 'close', 'timeout']) {
      assert.equal(socket.listenerCount(event), fresh.listenerCount(event), event);
    }
    assert.equal(Buffer.from(rest).toString('latin1'), '\x81\x05Hello');
    assert.equal(accepted.subprotocol, undefined);
    fresh.destroy();
    socket.destroy();
  });

  test('after a failure: no deadline', async (t) => {
    const clock = new ManualClock();
    await answered(t, (socket) => socket.end('HTTP/1.1 404 x\r\n\r\n'), { clock });
    assert.equal(clock.pending.size, 0);
  });

  test('C-60: an answer cut before its last line end waits, then connects', async (t) => {
    const clock = sharedClock;
    const server = await rawServer(t, (socket, accept) => {
      const head = switching(accept);
      socket.write(head.slice(0, -2));
      setImmediate(() => socket.write(head.slice(-2)));
    });
    const { socket } = await attempt(`ws://127.0.0.1:${server.port}/`, { clock });
    socket.destroy();
  });
});
