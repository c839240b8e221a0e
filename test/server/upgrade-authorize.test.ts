import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import type { Endpoint } from '../../src/server/options/endpoint.ts';
import { accept } from '../../src/server/request/authorize.ts';
import type { UpgradeRequest } from '../../src/server/request/request.ts';
import { handleUpgrade } from '../../src/server/upgrade.ts';
import { maskedHello } from './raw-client.ts';
import { arrive } from './serving.ts';

const echo: Endpoint = {
  message(connection, message) {
    connection.send(message);
  },
};

test('bytes that arrive while authorize awaits are not lost, behind those that came before', async () => {
  const { client, request, socket, head } = await arrive({}, maskedHello.subarray(0, 3));
  const received: unknown[] = [];
  const handled = handleUpgrade(request, socket, head, {
    async authorize() {
      client.write(maskedHello.subarray(3), maskedHello);
      await once(socket, 'readable');
      return true;
    },
    message(connection, message) {
      received.push(message);
      if (received.length === 2) void connection.close();
    },
  });
  await client.answer();
  await client.bytes(2);
  assert.deepEqual(received, ['Hello', 'Hello']);
  client.destroy();
  await (
    await handled
  )?.closed;
});

test('a client that goes away while authorize runs fires the signal and is forgotten', async () => {
  for (const leave of ['end', 'resetAndDestroy'] as const) {
    const { client, request, socket, head } = await arrive();
    const handled = handleUpgrade(request, socket, head, {
      authorize: async ({ signal }) => {
        client.socket[leave]();
        await once(signal, 'abort');
        throw signal.reason;
      },
      error: () => assert.fail('nobody is to hear of it'),
    });
    assert.equal(await handled, undefined);
    assert.ok(socket.destroyed);
    client.destroy();
  }
});

test('HS-25: an authorize that never settles is refused with 503 at the deadline', async () => {
  const { client, request, socket, head } = await arrive();
  let signal: AbortSignal | undefined;
  const handled = handleUpgrade(request, socket, head, {
    handshakeTimeout: 50,
    authorize(given) {
      ({ signal } = given);
      return new Promise(() => {});
    },
  });
  const { status, headers } = await client.answer();
  assert.equal(status, 503);
  assert.match(headers.get('retry-after') ?? '', /^\d+$/);
  assert.equal(signal?.aborted, true);
  assert.equal(await handled, undefined);
  client.destroy();
});

test('what authorize throws is answered with 500 without detail and goes to error', async () => {
  const secret = new Error('the password of the database is 1234');
  for (const authorize of [() => Promise.reject(secret), () => assert.fail(secret)]) {
    const { client, request, socket, head } = await arrive();
    const errors: unknown[] = [];
    await handleUpgrade(request, socket, head, {
      authorize,
      error: (connection, error) => errors.push(connection, error),
    });
    assert.equal((await client.answer()).status, 500);
    assert.doesNotMatch(String(await client.rest()), /password/);
    assert.deepEqual(errors, [undefined, secret]);
    client.destroy();
  }
});

test('HS-27: a subprotocol that was not offered is answered with 500', async () => {
  const { client, request, socket, head } = await arrive({ 'Sec-WebSocket-Protocol': 'a, b' });
  const errors: unknown[] = [];
  await handleUpgrade(request, socket, head, {
    authorize: () => accept(true, { subprotocol: 'c' }),
    error: (_connection, error) => errors.push(error),
  });
  assert.equal((await client.answer()).status, 500);
  assert.match(String(errors[0]), /did not offer the subprotocol "c"/);
  client.destroy();
});

test('accept chooses headers, subprotocol and compression of one connection', async () => {
  const offer = {
    'Sec-WebSocket-Protocol': 'a, b',
    'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
  };
  const { client, request, socket, head } = await arrive(offer);
  const connection = await handleUpgrade(request, socket, head, {
    subprotocols: ['a'],
    authorize: () =>
      accept('context', {
        headers: { 'X-A': '1' },
        subprotocol: 'b',
        compression: { windowBits: 9 },
      }),
  });
  const { headers } = await client.answer();
  assert.equal(headers.get('x-a'), '1');
  assert.equal(headers.get('sec-websocket-protocol'), 'b');
  assert.match(headers.get('sec-websocket-extensions') ?? '', /server_max_window_bits=9/);
  assert.deepEqual([connection?.context, connection?.subprotocol], ['context', 'b']);
  client.destroy();
  const vetoed = await arrive(offer);
  void handleUpgrade(vetoed.request, vetoed.socket, vetoed.head, {
    compression: true,
    authorize: () => accept(undefined, { compression: false }),
  });
  assert.ok(!(await vetoed.client.answer()).headers.has('sec-websocket-extensions'));
  vetoed.client.destroy();
});

test('an origins function that throws is answered with 500, one that promises with 403', async (t) => {
  t.mock.method(process.stderr, 'write', () => true);
  const answers: [() => unknown, number][] = [
    [() => assert.fail('thrown'), 500],
    [async () => true, 403],
    [() => false, 403],
    [() => true, 101],
  ];
  for (const [origins, status] of answers) {
    const { client, request, socket, head } = await arrive({ Origin: 'https://a.example' });
    void handleUpgrade(request, socket, head, { origins: origins as () => boolean });
    assert.equal((await client.answer()).status, status);
    client.destroy();
  }
});

test('C-41: an origins function gets the request as authorize gets it, and before it', async () => {
  const lines = { Origin: 'https://a.example', Cookie: 'session=1', Host: 'b.example' };
  const { client, request, socket, head } = await arrive(lines);
  const asked: [string, UpgradeRequest][] = [];
  const connection = await handleUpgrade(request, socket, head, {
    origins(origin, facts) {
      asked.push([origin, facts]);
      return facts.url.host === 'b.example' && facts.headers.has('cookie');
    },
    authorize: (facts) => asked.push(['authorize', facts]),
  });
  assert.equal((await client.answer()).status, 101);
  const [[origin, facts] = [], [then, same] = []] = asked;
  assert.deepEqual([origin, then], ['https://a.example', 'authorize']);
  assert.equal(facts, same);
  assert.equal(facts?.cookies['session'], '1');
  assert.equal(facts?.origin, origin);
  assert.equal(facts?.remoteAddress, connection?.remoteAddress);
  assert.ok(facts?.signal instanceof AbortSignal);
  client.destroy();
});

test('C-41: of the first 10 refused origins each is printed once, with the host and the option', async (t) => {
  const write = t.mock.method(process.stderr, 'write', () => true);
  for (let index = 0; index < 24; index++) {
    const origin = `http://evil${index % 12}.example`;
    const { client, request, socket, head } = await arrive({ Origin: origin });
    await handleUpgrade(request, socket, head, echo);
    assert.equal((await client.answer()).status, 403);
    const body = String(await client.rest());
    for (const part of [origin, 'localhost', 'origins']) assert.ok(body.includes(part), part);
    client.destroy();
  }
  const lines = write.mock.calls.map((call) => String(call.arguments[0]));
  assert.equal(lines.length, 10);
  assert.match(lines[9] ?? '', /evil9\.example.*localhost.*origins.*\n$/);
});
