import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { CloseInfo } from '../../src/connection/closing/close-info.ts';
import type { Handler } from '../../src/connection/handler.ts';
import type { ConnectionOptions } from '../../src/connection/options/options.ts';
import { Parts } from '../../src/connection/parts.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { memoryPair } from '../../src/transport/memory.ts';
import { optionsOf, RawPeer, settle, snapshot, unstarted } from './raw-peer.ts';

/** The parts of a server's connection, and their peer. */
function makeParts(handler: Handler | undefined, options: ConnectionOptions = {}) {
  const [near, far] = memoryPair();
  const infos: CloseInfo[] = [];
  const setup = {
    role: 'server',
    transport: near,
    handler,
    options: optionsOf('server', options),
    request: snapshot(),
    params: {},
    context: undefined,
    subprotocol: undefined,
    extensions: '',
    deflate: undefined,
    remoteAddress: undefined,
    keeper: { onClosed: (_: unknown, info: CloseInfo) => void infos.push(info) },
  } as const;
  const { connection } = unstarted();
  const parts = new Parts(connection, setup, new VirtualClock());
  const peer = new RawPeer(far, 'client');
  parts.wire.start();
  parts.application.open();
  return { parts, peer, infos };
}

describe('Parts', () => {
  test('what comes over the wire reaches the handler, and its failure the peer', async () => {
    const log: string[] = [];
    const { parts, peer, infos } = makeParts({
      ping: (_, bytes) => void log.push(`ping ${Buffer.from(bytes).toString()}`),
      pong: (_, bytes) => void log.push(`pong ${Buffer.from(bytes).toString()}`),
      message: (_, data) => {
        log.push(`message ${String(data)}`);
        throw new Error('broken');
      },
      close: (_, { code }) => void log.push(`close ${code}`),
      error: () => void log.push('error'),
    });
    peer.send(Opcode.Ping, 'a');
    peer.send(Opcode.Pong, 'b');
    peer.texts('c');
    await settle();
    assert.deepEqual(peer.log, ['a a', 'close 1011']);
    peer.transport.end();
    await settle();
    assert.deepEqual(log, ['ping a', 'pong b', 'message c', 'error', 'close 1011']);
    assert.deepEqual([infos.length, infos[0]?.code, parts.over], [1, 1011, true]);
  });

  test('closed is one promise, made before the end or after it; its keeper is told in a microtask', async () => {
    for (const early of [true, false]) {
      const { parts, infos } = makeParts(undefined);
      const before = early ? parts.closed : undefined;
      parts.wire.terminate();
      await settle();
      const { closed } = parts;
      assert.equal(closed, before ?? closed);
      assert.equal(parts.closed, closed);
      assert.deepEqual([await closed], infos);
    }
    const { parts, infos } = makeParts({ close: () => void counts.push(infos.length) });
    const counts: number[] = [];
    parts.wire.terminate();
    await settle();
    assert.deepEqual([...counts, infos.length], [0, 1]);
  });

  test('a full queue holds the wire back until something is taken', async () => {
    const { parts, peer } = makeParts(undefined, { receiveQueue: 50 });
    peer.texts('a'.repeat(50), 'b', 'c');
    await settle();
    assert.equal(parts.wire.protocol.busy, true);
    for (const expected of ['a'.repeat(50), 'b', 'c']) {
      assert.equal(await parts.application.pull(undefined), expected);
    }
    assert.equal(parts.wire.protocol.busy, false);
    parts.wire.terminate();
  });

  test('close() does not wait for a decision that nobody makes any more', async () => {
    const { parts, peer, infos } = makeParts(undefined, { maxMessageSize: 1_000 });
    peer.send(Opcode.Binary, new Uint8Array(5_000));
    await settle();
    parts.close(1000, 'enough');
    peer.close(1000);
    peer.transport.end();
    await settle();
    assert.deepEqual([peer.log, infos[0]?.code], [['close 1000 enough'], 1000]);
  });

  test('its signal is one, and aborted from the end on', async () => {
    const { parts } = makeParts({});
    const { signal } = parts;
    assert.equal(signal.aborted, false);
    parts.wire.terminate();
    assert.deepEqual([signal.aborted, parts.signal], [true, signal]);
  });
});
