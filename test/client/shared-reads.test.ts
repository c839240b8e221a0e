import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { connect } from '../../src/client/connect.ts';
import type { ConnectOptions } from '../../src/client/options.ts';
import { SharedReads } from '../../src/client/shared-reads.ts';
import type { Connection } from '../../src/connection/connection.ts';
import type { Handler } from '../../src/connection/handler.ts';
import { serve } from '../../src/server/serve.ts';

test('all sockets read into one memory, and each chunk goes to who takes them now', () => {
  const [one, other] = [new SharedReads(), new SharedReads()];
  const { buffer, callback } = one.onread;
  assert.equal(other.onread.buffer, buffer);
  buffer.set([1, 2, 3]);
  assert.equal(callback(3, buffer), true);
  const chunks: number[][] = [];
  one.onChunk = (chunk) => chunks.push([...chunk]);
  other.onChunk = () => assert.fail('it is not for this one');
  callback(2, buffer);
  callback(3, buffer);
  assert.deepEqual(chunks, [
    [1, 2],
    [1, 2, 3],
  ]);
});

test('a chunk is always less than half of its backing store, so that all that is kept is copied', () => {
  const { buffer } = new SharedReads().onread;
  assert.ok(buffer.length * 2 < buffer.buffer.byteLength);
});

describe('what two clients keep stays as it was when both go on reading', () => {
  const sizes = [0, 1, 32, 33, 32, 500, 5, 2_000, 16_384, 40, 70_000, 3, 200_000, 126, 64, 64, 1];
  const contentOf = (client: number, index: number): Uint8Array =>
    new Uint8Array(sizes[index] ?? 0).map((_, at) => (at * 40_503 + client) >> (index & 7));

  async function run(
    optionsOf: (kept: Uint8Array[]) => ConnectOptions,
    take?: (connection: Connection, kept: Uint8Array[]) => Promise<void>,
  ): Promise<void> {
    const greet = async (connection: Connection): Promise<void> => {
      const client = Number(connection.request.query.get('client'));
      for (const index of sizes.keys()) {
        if (!connection.send(contentOf(client, index))) await connection.drained();
      }
      void connection.close();
    };
    const compression = { threshold: 0 };
    await using server = await serve({ port: 0, compression, endpoints: { '/': { open: greet } } });
    const clients = [1, 2].map(async (client) => {
      const kept: Uint8Array[] = [];
      const url = `ws://127.0.0.1:${(server.address as { port: number }).port}/?client=${client}`;
      const connection = await connect(url, optionsOf(kept));
      await take?.(connection, kept);
      await connection.closed;
      while (kept.length < sizes.length) await turn();
      return kept;
    });
    for (const [index, kept] of (await Promise.all(clients)).entries()) {
      const due = [...sizes.keys()].map((at) => contentOf(index + 1, at));
      assert.ok(kept.every((bytes, at) => Buffer.compare(bytes, due[at] ?? bytes) === 0));
    }
  }

  const keeping = (kept: Uint8Array[]): Handler => ({
    message: (_, message) => void kept.push(message as Uint8Array),
  });

  test('by a handler', () => run((kept) => ({ handler: keeping(kept) })));

  test('by a handler that takes its time', () =>
    run((kept) => ({
      receiveQueue: 1,
      handler: {
        async message(_, message) {
          await turn();
          kept.push(message as Uint8Array);
        },
      },
    })));

  test('by a handler that pauses', () =>
    run((kept) => ({
      handler: {
        message(connection, message) {
          kept.push(message as Uint8Array);
          connection.pause();
          setImmediate(() => connection.resume());
        },
      },
    })));

  test('by pulling', () =>
    run(
      () => ({ receiveQueue: 1 }),
      async (connection, kept) => {
        for await (const message of connection) kept.push(message as Uint8Array);
      },
    ));

  test('in pieces', () =>
    run((kept) => {
      let pieces: Uint8Array[] = [];
      return {
        handler: {
          fragment(_, bytes, { last }) {
            pieces.push(bytes);
            if (!last) return;
            kept.push(Buffer.concat(pieces));
            pieces = [];
          },
        },
      };
    }));

  test('out of compressed messages', () =>
    run((kept) => ({ compression: { threshold: 0 }, handler: keeping(kept) })));
});

test('an open connection keeps nothing of what its opening handshake was made of', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const endpoints = { '/': {} };
  await using server = await serve({ port: 0, endpoints });
  const { port } = server.address;
  const held = async (): Promise<number> => {
    // Twice, since what the first one finds may be let go of by finalizers only.
    for (let i = 0; i < 2; i++) {
      await turn();
      collect();
    }
    return process.memoryUsage().arrayBuffers;
  };
  const open = (): Promise<Connection> =>
    connect(`ws://127.0.0.1:${port}/`, { headers: { 'X-Large': 'x'.repeat(8_000) } });
  await (await open()).close();
  const before = await held();
  const connections = await Promise.all(Array.from({ length: 20 }, open));
  const growth = (await held()) - before;
  assert.ok(growth < 20 * 4_000, `${growth} bytes`);
  for (const connection of connections) connection.terminate();
});
