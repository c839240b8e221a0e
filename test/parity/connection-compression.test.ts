import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';

import { connect } from '../../src/client/connect.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import { accept } from '../../src/server/request/authorize.ts';
import { connectedPair } from '../../src/testing/connected-pair.ts';
import { rawPair, settle } from '../connection/raw-peer.ts';
import { serving } from '../server/serving.ts';

const RSV1 = 4;

test('F123: sizes around the threshold, incompressible ones too, come back unchanged', async () => {
  for (const contextTakeover of [false, true]) {
    const compression = { contextTakeover, peerContextTakeover: contextTakeover };
    const { client } = connectedPair({
      options: { compression },
      server: { message: (connection, message) => connection.send(message) },
    });
    for (let size = 1_020; size <= 1_030; size++) {
      for (const message of ['x'.repeat(size), new Uint8Array(randomBytes(size))]) {
        client.send(message);
        assert.deepEqual(await client.receive(), message);
      }
    }
    client.terminate();
  }
});

test('F123: 133,700 bytes in fragments come back as one message', async () => {
  const { client } = connectedPair({
    options: { compression: true, maxFragmentSize: 4_096 },
    server: { message: (connection, message) => connection.send(message) },
  });
  const half = new Uint8Array(randomBytes(66_850));
  const whole = new Uint8Array(Buffer.concat([half, new Uint8Array(66_850)]));
  await client.sendFragments([whole.subarray(0, 100_000), whole.subarray(100_000)], 'binary');
  assert.deepEqual(await client.receive(), whole);
  client.terminate();
});

test('F125: 10 KiB that inflate to many MiB are refused with 1009 while they inflate', async () => {
  const bomb = deflateRawSync(new Uint8Array(10 * 1024 * 1024));
  assert.ok(bomb.length < 11_000, `${bomb.length} bytes`);
  let messages = 0;
  const { peer, connection } = rawPair({
    options: { compression: true },
    deflate: {},
    handler: { message: () => void messages++ },
  });
  peer.send(Opcode.Binary, bomb, { rsv: RSV1 });
  await peer.until(1);
  peer.transport.end();
  const { code, wasClean } = await connection.closed;
  assert.deepEqual([code, wasClean, messages], [1009, false, 0]);
  assert.match(peer.log[0] ?? '', /^close 1009/);
});

test('F125: the limit is maxMessageSize to the byte', async () => {
  const size = 100_000;
  for (const over of [0, 1]) {
    const lengths: number[] = [];
    const { peer, connection } = rawPair({
      options: { compression: { maxRatio: Infinity }, maxMessageSize: size },
      deflate: {},
      handler: { message: (_connection, message) => void lengths.push(message.length) },
    });
    peer.send(Opcode.Binary, deflateRawSync(new Uint8Array(size + over)), { rsv: RSV1 });
    if (over === 1) await peer.until(1);
    else while (lengths.length === 0) await settle(1);
    assert.deepEqual([lengths, connection.state], over === 1 ? [[], 'closed'] : [[size], 'open']);
    connection.terminate();
  }
});

test('F126: authorize refuses compression to one connection, another one has it', async () => {
  const { url } = await serving(
    {
      '/:kind': {
        authorize: ({ params }) =>
          params.kind === 'plain' ? accept(undefined, { compression: false }) : undefined,
        message: (connection, message) => void connection.send(message),
      },
    },
    { compression: true },
  );
  for (const [path, agreed] of [
    ['plain', /^$/],
    ['mirror', /^permessage-deflate/],
  ] as const) {
    const connection = await connect(`${url}/${path}`, { compression: true });
    assert.match(connection.extensions, agreed);
    const message = 'x'.repeat(5_000);
    connection.send(message);
    assert.equal(await connection.receive(), message);
    await connection.close();
  }
});
