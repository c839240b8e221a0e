import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';

import type { Connection } from '../../src/connection/connection.ts';
import { CloseCode } from '../../src/protocol/closing/close-code.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import { rawPair, settle } from '../connection/raw-peer.ts';

/** Texts like `7,xxxx` that a peer got, as their numbers. */
function numbers(frames: readonly { opcode: number; payload: Buffer }[]): number[] {
  return frames
    .filter(({ opcode }) => opcode === Opcode.Text)
    .map(({ payload }) => Number.parseInt(String(payload), 10));
}

function flood(connection: Connection<unknown, unknown>, count: number, key?: string): boolean[] {
  return Array.from({ length: count }, (_, index) =>
    connection.send(`${index},${'x'.repeat(40_000)}`, key === undefined ? undefined : { key }),
  );
}

for (const policy of ['drop-newest', 'drop-oldest', 'conflate'] as const) {
  test(`FC-03: ${policy}: bounded, counted, in order; the Close comes behind all that is left`, async () => {
    const backpressure = { soft: 65_536, hard: 262_144, policy };
    const { connection, peer } = rawPair({ options: { backpressure } });
    peer.transport.pause();
    await settle();
    const answers = flood(connection, 100, 'ticker');
    assert.ok(connection.bufferedAmount < 262_144 + 40_100, `${connection.bufferedAmount} B wait`);
    assert.equal(answers.at(-1), false);
    const { dropped } = connection;
    const closed = connection.close(CloseCode.Normal, 'done');
    assert.equal(connection.send('late'), false);
    peer.transport.resume();
    await peer.until(100 - dropped.messages + 1);
    const got = numbers(peer.frames);
    assert.equal(got.length + dropped.messages, 100);
    assert.deepEqual(
      got,
      got.toSorted((a, b) => a - b),
    );
    if (policy !== 'drop-newest') assert.equal(got.at(-1), 99, 'the latest is what counts');
    assert.equal(peer.frames.at(-1)?.opcode, Opcode.Close);
    peer.close();
    peer.transport.end();
    assert.deepEqual([(await closed).code, (await closed).bufferedAmount], [1000, 0]);
  });
}

test('a transport that is lost takes what waited with it, and CloseInfo says how much', async () => {
  const backpressure = { soft: 1_000, hard: 200_000, policy: 'drop-oldest' } as const;
  const { connection, peer } = rawPair({ options: { backpressure } });
  peer.transport.pause();
  await settle();
  flood(connection, 4);
  const { bufferedAmount } = connection;
  peer.transport.destroy();
  const info = await connection.closed;
  assert.deepEqual([info.code, info.initiator], [1006, 'network']);
  assert.ok(info.bufferedAmount > 80_000 && info.bufferedAmount <= bufferedAmount);
});

test('what is dropped is told on hawser:connection:drop', async () => {
  const told: unknown[] = [];
  const listen = (message: unknown): void => {
    const { connection, messages, bytes } = message as Record<string, unknown>;
    told.push([(connection as Connection).role, messages, bytes]);
  };
  subscribe('hawser:connection:drop', listen);
  try {
    const backpressure = { soft: 10, hard: 20, policy: 'drop-newest' } as const;
    const { connection, peer } = rawPair({ options: { backpressure } });
    peer.transport.pause();
    connection.send('x'.repeat(70_000));
    await settle();
    connection.send('dropped');
  } finally {
    unsubscribe('hawser:connection:drop', listen);
  }
  assert.deepEqual(told, [['server', 1, 7]]);
});
