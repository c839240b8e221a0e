import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';

import { connect } from '../../src/client/connect.ts';
import { endpoint } from '../../src/server/options/endpoint.ts';
import { accept } from '../../src/server/request/authorize.ts';
import { maskedHello, openingRequest, type RawClient } from '../server/raw-client.ts';
import { answerTo, serving } from '../server/serving.ts';

test('F065: keepAlive sets the keep-alive of TCP, on either side, and only when it is given', async (t) => {
  const { url } = await serving({ '/on': { keepAlive: 5_000 }, '/off': {} });
  const { mock } = t.mock.method(Socket.prototype, 'setKeepAlive');
  const open = async (path: string, options: object) => {
    mock.resetCalls();
    const connection = await connect(url + path, options);
    await connection.close();
    return mock.calls.map((call) => call.arguments);
  };
  assert.deepEqual(await open('/off', {}), []);
  assert.deepEqual(await open('/on', {}), [[true, 5_000]]);
  assert.deepEqual(await open('/off', { keepAlive: 7_000 }), [[true, 7_000]]);
});

test('F089, C-60: authorize sees headers and cookies, and refuses as it likes', async () => {
  const server = await serving({
    '/': endpoint({
      authorize({ headers, cookies }) {
        if (cookies['session'] === undefined) return new Response('log in', { status: 401 });
        return cookies['session'] === 'good' && { header: headers.get('x-custom-header') };
      },
    }),
  });
  const withoutCookie = await answerTo(server, '/');
  assert.deepEqual([withoutCookie.status, withoutCookie.body], [401, 'log in']);
  assert.equal((await answerTo(server, '/', { Cookie: 'session=bad' })).status, 403);
  const client = await server.connect();
  const custom = { Cookie: 'a=b; session=good', 'X-Custom-Header': 'A custom header' };
  assert.equal((await client.request('/', custom)).status, 101);
  const [connection] = server.server.connections;
  assert.deepEqual(connection?.context, { header: 'A custom header' });
});

test('F091: headers of the application stand in the 101', async () => {
  const headers = { 'X-Server': 'b', 'Set-Cookie': ['c=1', 'd=2'] };
  const server = await serving({ '/': { authorize: () => accept(1, { headers }) } });
  const client = await server.connect();
  client.write(openingRequest());
  const answer = await client.answer();
  assert.equal(answer.headers.get('x-server'), 'b');
  assert.equal(answer.headers.get('set-cookie'), 'd=2');
});

test('F101: the query is visible to handlers', async () => {
  const { connect } = await serving({
    '/mirror': {
      open(connection) {
        connection.send(connection.request.query.get('mirror') ?? '');
      },
    },
  });
  const client = await connect();
  await client.request('/mirror?mirror=x&other=%20');
  assert.deepEqual(await client.bytes(3), Buffer.from('810178', 'hex'));
});

test('F118, C-61: the first subprotocol of the client that the server has', async () => {
  const { server, connect } = await serving({ '/': { subprotocols: ['chat', 'superchat'] } });
  const cases: readonly (readonly [string | undefined, string | undefined])[] = [
    ['chat, superchat', 'chat'],
    ['superchat, chat', 'superchat'],
    ['foo', undefined],
    ['foo, chat', 'chat'],
    [undefined, undefined],
  ];
  for (const [offered, chosen] of cases) {
    const client: RawClient = await connect();
    const { status, headers } = await client.request('/', { 'Sec-WebSocket-Protocol': offered });
    assert.equal(status, 101);
    assert.equal(headers.get('sec-websocket-protocol'), chosen);
    assert.equal([...server.connections].at(-1)?.subprotocol, chosen);
  }
});

test('F119: without a common subprotocol there is none, or no connection', async () => {
  const server = await serving({
    '/lax': { subprotocols: ['chat'] },
    '/strict': { subprotocols: ['chat'], requireSubprotocol: true },
  });
  for (const offered of ['foo', undefined]) {
    const lines = { 'Sec-WebSocket-Protocol': offered };
    assert.equal((await answerTo(server, '/lax', lines)).status, 101);
    assert.equal((await answerTo(server, '/strict', lines)).status, 400);
  }
  const common = await answerTo(server, '/strict', { 'Sec-WebSocket-Protocol': 'foo, chat' });
  assert.equal(common.headers.get('sec-websocket-protocol'), 'chat');
});

test('F135: a connection carries data of its own, typed by what authorize gives', async () => {
  const names: string[] = [];
  const { server, connect } = await serving({
    '/:room': endpoint({
      authorize: ({ query, params }) => ({
        name: query.get('name') ?? '',
        visits: 0,
        in: params.room,
      }),
      message(connection) {
        connection.context.visits += 1;
        names.push(`${connection.context.name.toUpperCase()} ${connection.context.visits}`);
        connection.send(connection.context.in);
      },
    }),
  });
  const [ann, bob] = [await connect(), await connect()];
  await ann.request('/x?name=ann');
  await bob.request('/y?name=bob');
  for (const client of [ann, bob, ann]) {
    client.write(maskedHello);
    assert.equal((await client.bytes(3)).length, 3);
  }
  assert.deepEqual(names, ['ANN 1', 'BOB 1', 'ANN 2']);
  const contexts = [...server.connections].map((connection) => connection.context);
  assert.deepEqual(contexts, [
    { name: 'ann', visits: 2, in: 'x' },
    { name: 'bob', visits: 1, in: 'y' },
  ]);
});
