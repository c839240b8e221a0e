import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect } from '../../src/client/connect.ts';
import type { Connection } from '../../src/connection/connection.ts';
import { maskedClose } from '../server/raw-client.ts';
import { serving } from '../server/serving.ts';
import { testCertificate } from '../support/certificate.ts';

const count = 300;

/** Messages that differ, half of them incompressible; together more than any buffer of a system. */
function payload(index: number): Uint8Array {
  const bytes = new Uint8Array(40_000);
  let state = index + 1;
  for (let at = 0; at < bytes.length; at++) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    bytes[at] = index % 2 === 0 ? state >>> 16 : index & 0xff;
  }
  return bytes;
}

/** Reads one message every few turns of the loop. */
async function readSlowly(connection: Connection): Promise<number> {
  let received = 0;
  for await (const message of connection) {
    assert.ok(Buffer.from(message).equals(payload(received)), `message ${received}`);
    received++;
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  }
  return received;
}

for (const secure of [false, true]) {
  for (const compression of [false, true]) {
    const over = `${secure ? 'TLS' : 'TCP'}${compression ? ', compressed' : ''}`;
    test(`Behaviour 13: close loses nothing that send accepted, slow reader, ${over}`, async () => {
      const { key, cert } = await testCertificate();
      const { server } = await serving(
        {
          '/': {
            open(connection) {
              for (let index = 0; index < count; index++) connection.send(payload(index));
            },
          },
        },
        {
          compression,
          backpressure: { hard: 100_000_000 },
          ...(secure ? { tls: { key, cert } } : {}),
        },
      );
      const url = `${secure ? 'wss' : 'ws'}://127.0.0.1:${server.address.port}/`;
      const client = await connect(url, { compression, ...(secure ? { tls: { ca: cert } } : {}) });
      const received = readSlowly(client);
      const [connection] = server.connections;
      assert.ok(connection !== undefined && connection.bufferedAmount > 0);
      await server.close({ deadline: 20_000 });
      assert.equal(await received, count);
      assert.deepEqual(connection.dropped, { messages: 0, bytes: 0 });
      const { code, wasClean, bufferedAmount } = await connection.closed;
      assert.deepEqual([code, wasClean, bufferedAmount], [1001, true, 0]);
      assert.equal((await client.closed).code, 1001);
      assert.deepEqual(server.stats().closed, { 1001: 1 });
    });
  }
}

test('Behaviour 13: at the deadline who still has not read is dropped, and counted', async () => {
  const { server, connect: open } = await serving(
    { '/': { open: (connection) => void connection.send(new Uint8Array(20_000_000)) } },
    { backpressure: { hard: 100_000_000 } },
  );
  const client = await open();
  client.socket.pause();
  client.write('');
  const answer = client.request();
  client.socket.resume();
  await answer;
  client.socket.pause();
  const [connection] = server.connections;
  const began = performance.now();
  await server.close({ deadline: 300 });
  const took = performance.now() - began;
  assert.ok(took >= 295 && took < 3_000, `${took} ms`);
  const info = await connection?.closed;
  assert.deepEqual([info?.code, info?.initiator], [1006, 'local']);
  assert.ok((info?.bufferedAmount ?? 0) > 0);
  client.write(maskedClose);
});
