import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isDoneWithin, resolveCloseOptions } from '../../src/server/host.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { maskedClose, maskedHello } from './raw-client.ts';
import { serving } from './serving.ts';

test('a server closes with 1001 within 10 s unless told otherwise', () => {
  assert.deepEqual({ ...resolveCloseOptions() }, { code: 1001, deadline: 10_000 });
  assert.deepEqual({ ...resolveCloseOptions({ code: 4000 }) }, { code: 4000, deadline: 10_000 });
  for (const code of [999, 1005, 1006, 1015, 2000, 5000, 1000.5]) {
    assert.throws(() => resolveCloseOptions({ code }), {
      name: 'RangeError',
      message: /^code must/,
    });
  }
  assert.throws(() => resolveCloseOptions({ code: '1000' } as object), TypeError);
  assert.throws(() => resolveCloseOptions({ deadline: 0 }), RangeError);
  assert.throws(() => resolveCloseOptions({ reason: 'x' } as object), { message: /reason/ });
});

test('isDoneWithin tells which came first', async () => {
  const clock = new VirtualClock();
  assert.equal(await isDoneWithin(Promise.resolve(), 10, clock), true);
  assert.equal(clock.pending, 0);
  const late = isDoneWithin(new Promise(() => {}), 10, clock);
  clock.advance(10);
  assert.equal(await late, false);
});

test('a connection is among those of its server from open to close', async () => {
  const seen: boolean[] = [];
  const { server, connect } = await serving({
    '/': {
      open(connection) {
        seen.push(server.connections.has(connection));
      },
      close(connection) {
        seen.push(server.connections.has(connection));
      },
    },
  });
  const client = await connect();
  await client.request();
  const [connection] = server.connections;
  client.write(maskedClose);
  await connection?.closed;
  await Promise.resolve();
  assert.equal(seen[0], true);
  assert.equal(server.connections.size, 0);
  assert.equal(seen.length, 2);
});

test('Behaviour 13: the code leaves behind what send accepted', async () => {
  const payload = Buffer.alloc(8_000_000, 1);
  const { server, connect } = await serving(
    { '/': { message: (connection) => connection.send(payload) } },
    { backpressure: { hard: 100_000_000 } },
  );
  const client = await connect();
  await client.request();
  client.socket.pause();
  client.write(maskedHello, maskedHello, maskedHello);
  const [connection] = server.connections;
  assert.ok(connection !== undefined);
  while (connection.bufferedAmount === 0) await new Promise(setImmediate);
  const closed = server.close({ code: 1012 });
  client.socket.resume();
  for (let count = 0; count < 3; count++) {
    assert.equal((await client.bytes(10)).toString('hex'), '827f00000000007a1200');
    assert.deepEqual(await client.bytes(payload.length), payload);
  }
  assert.deepEqual(await client.bytes(4), Buffer.from('880203f4', 'hex'));
  client.write(maskedClose);
  client.socket.end();
  await closed;
});

test('Behaviour 13: who does not answer is terminated at the deadline', async () => {
  const infos: number[] = [];
  const { server, connect } = await serving(
    { '/': { close: (_connection, info) => infos.push(info.code) } },
    { closeTimeout: 60_000 },
  );
  const client = await connect();
  await client.request();
  const before = performance.now();
  await server.close({ deadline: 100 });
  const took = performance.now() - before;
  assert.ok(took >= 100 && took < 5_000, `${took} ms`);
  assert.equal(server.connections.size, 0);
  assert.deepEqual(infos, [1006]);
  assert.deepEqual(await client.rest(), Buffer.from('880203e9', 'hex'));
});
