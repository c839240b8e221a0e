import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { test } from 'node:test';

import { type CloseInfo, connect, type Connection, type Handler, serve, type Server } from 'hawser';

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

const request = [
  'GET / HTTP/1.1',
  'Host: a.test',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

async function withServer(
  handler: Handler,
  run: (url: string, server: Server) => Promise<void>,
): Promise<void> {
  const server = await serve({ port: 0, host: '127.0.0.1', endpoints: { '/': handler } });
  const { port } = server.address;
  try {
    await run(`ws://127.0.0.1:${port}/`, server);
  } finally {
    await server.close({ deadline: 100 });
  }
}

/** Opens a connection, lets the client end it, and gives what the server's `close` was told. */
async function closedBy(end: (client: Connection) => void): Promise<CloseInfo> {
  const told = deferred<CloseInfo>();
  await withServer({ close: (_, info) => told.resolve(info) }, async (url) => {
    end(await connect(url));
    await told.promise;
  });
  return told.promise;
}

test('C-74: the close handler is told 1000, 4000, 1005 and 1006, each as it came', async () => {
  assert.equal((await closedBy((client) => void client.close())).code, 1000);
  const application = await closedBy((client) => void client.close(4000, 'why'));
  assert.deepEqual([application.code, application.reason], [4000, 'why']);
  const lost = await closedBy((client) => client.terminate());
  assert.deepEqual([lost.code, lost.wasClean, lost.initiator], [1006, false, 'network']);
});

test('C-74: an empty Close is 1005, and a socket destroyed is 1006', async () => {
  const infos: CloseInfo[] = [];
  const told = deferred<void>();
  const close: Handler['close'] = (_, info) => {
    if (infos.push(info) === 2) told.resolve();
  };
  await withServer({ close }, async (_, { address: { port } }) => {
    for (const end of ['888000000000', undefined]) {
      const socket = connectSocket(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(request);
      await once(socket, 'data');
      if (end === undefined) socket.resetAndDestroy();
      else socket.write(Buffer.from(end, 'hex'));
      if (end !== undefined) await once(socket.resume(), 'close');
    }
    await told.promise;
  });
  assert.deepEqual(
    infos.map(({ code, wasClean }) => [code, wasClean]),
    [
      [1005, true],
      [1006, false],
    ],
  );
});

test("C-74: the server's own close() is told as its own", async () => {
  const told = deferred<CloseInfo>();
  const handler: Handler = {
    open: (connection) => void connection.close(4001),
    close: (_, info) => told.resolve(info),
  };
  await withServer(handler, async (url) => void (await (await connect(url)).closed));
  const { code, initiator, wasClean, sentCode } = await told.promise;
  assert.deepEqual([code, initiator, wasClean, sentCode], [4001, 'local', true, 4001]);
});

test('C-76: the echo answers with the same text, the second one with a prefix', async () => {
  let count = 0;
  const handler: Handler = {
    message: (connection, message) => {
      connection.send(count++ === 0 ? message : `Echo: ${String(message)}`);
    },
  };
  await withServer(handler, async (url) => {
    const client = await connect(url);
    client.send('hello, world!');
    assert.equal(await client.receive(), 'hello, world!');
    client.send('hello, world!');
    assert.equal(await client.receive(), 'Echo: hello, world!');
    await client.close();
  });
});

test('C-77: a client opens, sends, closes: told in this order, with 1000', async () => {
  const events: string[] = [];
  await withServer({ message: (connection, text) => void connection.send(text) }, async (url) => {
    const handler: Handler = {
      open: (connection) => {
        events.push('open');
        connection.send('hello, world!');
      },
      message: (connection, text) => {
        events.push(String(text));
        void connection.close();
      },
      close: (_, { code }) => void events.push(`close ${code}`),
    };
    await (
      await connect(url, { connectTimeout: 10_000, handler })
    ).closed;
  });
  assert.deepEqual(events, ['open', 'hello, world!', 'close 1000']);
});

test('C-84: 32 connections, three at a time, connect and close; none is left', async () => {
  await withServer({}, async (url, server) => {
    let begun = 0;
    const one = async (): Promise<void> => {
      while (begun++ < 32) {
        const client = await connect(url);
        assert.equal((await client.close()).code, 1000);
      }
    };
    await Promise.all([one(), one(), one()]);
    await Promise.all([...server.connections].map(({ closed }) => closed));
    assert.equal(server.connections.size, 0);
  });
});
