import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { CloseInfo } from '../../src/connection/closing/close-info.ts';
import type { ConnectionOptions } from '../../src/connection/options/options.ts';
import type { WireOwner } from '../../src/connection/reporting/wire-owner.ts';
import { Wire } from '../../src/connection/wire.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import type { Role } from '../../src/protocol/role.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { memoryPair } from '../../src/transport/memory.ts';
import { optionsOf, RawPeer, settle } from './raw-peer.ts';

/** A wire whose owner logs what it is told, against a peer driven by hand. */
function makeWire(role: Role = 'server', options: ConnectionOptions = {}, fragment = false) {
  const clock = new VirtualClock();
  const [near, far] = memoryPair();
  const log: string[] = [];
  const kept: (string | Uint8Array)[] = [];
  const ended: CloseInfo[] = [];
  const owner: WireOwner = {
    unsent: 0,
    onMessage: (data) => {
      kept.push(data);
      log.push(`message ${String(data)}`);
    },
    onPiece: (bytes, { first, last, remaining }) => {
      log.push(`piece ${bytes.length} ${first} ${last} ${remaining}`);
    },
    onPing: (bytes) => {
      kept.push(bytes);
      log.push(`ping ${Buffer.from(bytes).toString()}`);
    },
    onPong: (bytes, roundTripMs) => {
      kept.push(bytes);
      log.push(`pong ${String(roundTripMs)}`);
    },
    onProgress: () => void log.push('progress'),
    onError: (error) => void log.push(`error ${String(error)}`),
    onLimit: (limit) => void log.push(`limit ${limit}`),
    onWrite: () => void log.push('write'),
    onClosing: () => void log.push('closing'),
    onEnding: () => void log.push('ending'),
    onEnd: (info) => {
      log.push(`end ${info.code}`);
      ended.push(info);
    },
  };
  const handler = fragment ? { fragment() {} } : { message() {} };
  const transport = Object.assign(near, { givesChunks: true });
  const setup = { role, transport, options: optionsOf(role, options), deflate: undefined };
  const wire = new Wire({ ...setup, handler }, clock, owner, {
    waiting: 0,
    drop: () => void log.push('drop'),
  });
  const peer = new RawPeer(far, role === 'server' ? 'client' : 'server');
  wire.start();
  return { wire, peer, clock, log, kept, ended };
}

describe('Wire', () => {
  test('hands on what the peer sends, each kind to its own place', async () => {
    const { wire, peer, clock, log } = makeWire();
    peer.send(Opcode.Text, 'dré');
    peer.send(Opcode.Binary, Uint8Array.of(1, 2));
    peer.send(Opcode.Ping, 'p');
    peer.send(Opcode.Pong, 'unasked');
    await settle();
    assert.deepEqual(log, ['message dré', 'message 1,2', 'ping p', 'pong undefined']);
    assert.deepEqual(peer.log, ['a p']);
    const roundTrip = wire.pings.roundTrip(Buffer.from('mine'));
    clock.advance(40);
    peer.send(Opcode.Pong, 'mine');
    assert.equal(await roundTrip, 40);
    assert.equal(log.at(-1), 'pong 40');
  });

  test('hands on pieces where a handler takes them', async () => {
    const { peer, log } = makeWire('server', {}, true);
    const frame = peer.frame(Opcode.Binary, new Uint8Array(10));
    peer.transport.write(frame.subarray(0, -4));
    await settle();
    peer.transport.write(frame.subarray(-4));
    await settle();
    assert.deepEqual(log, ['piece 6 true false 4', 'piece 4 false true 0']);
  });

  test("the peer's Close: nothing is sent any more, then the end of both", async () => {
    for (const role of ['server', 'client'] as const) {
      const { peer, log, ended } = makeWire(role);
      peer.close(4000, 'bye');
      await settle();
      peer.transport.end();
      await settle();
      assert.deepEqual(
        log.filter((line, index) => log.indexOf(line) === index),
        ['closing', 'ending', 'end 4000'],
      );
      assert.equal(ended.length, 1);
      assert.deepEqual([ended[0]?.wasClean, ended[0]?.initiator], [true, 'peer']);
    }
  });

  test('RFC 6455 §7.1.1: a server ends TCP after both Closes, a client waits for it', async () => {
    for (const role of ['server', 'client'] as const) {
      const { peer } = makeWire(role);
      peer.close();
      await settle();
      assert.deepEqual([peer.log, peer.sink.ends], [['close 1000'], role === 'server' ? 1 : 0]);
    }
  });

  test('fail(): its Close goes out, its error is told, and it happens once', async () => {
    const { wire, peer, ended } = makeWire();
    const broken = new Error('broken');
    wire.fail(1011, 'sorry', broken);
    wire.fail(1008, 'again', undefined);
    await settle();
    peer.transport.end();
    await settle();
    assert.deepEqual(peer.log, ['close 1011 sorry']);
    const { code, reason, error, initiator, wasClean } = ended[0] ?? assert.fail('no end');
    assert.deepEqual([code, reason, error], [1011, 'sorry', broken]);
    assert.deepEqual([initiator, wasClean, ended.length], ['local', false, 1]);
  });

  test('terminate(): no Close, and one end that knows who it was', async () => {
    const { wire, peer, log, ended } = makeWire();
    wire.terminate();
    wire.terminate();
    assert.deepEqual(log, ['closing', 'ending']);
    await settle();
    assert.deepEqual(log.slice(2), ['ending', 'end 1006']);
    assert.deepEqual([peer.log, peer.sink.closes], [[], 1]);
    assert.deepEqual([ended.length, ended[0]?.initiator, ended[0]?.phase], [1, 'local', 'open']);
  });

  test('a transport that breaks ends it by the network, with its error', async () => {
    const { peer, ended } = makeWire();
    peer.transport.destroy();
    await settle();
    const { code, initiator, error } = ended[0] ?? assert.fail('no end');
    assert.deepEqual([code, initiator], [1006, 'network']);
    assert.match(String(error), /ECONNRESET/);
  });

  test('RFC 6455 §7.1.5: an end inside a frame is told as ERR_INCOMPLETE_FRAME', async () => {
    const { peer, ended } = makeWire();
    peer.transport.write(peer.frame(Opcode.Text, 'whole').subarray(0, 4));
    peer.transport.end();
    await settle();
    const { code, initiator, error } = ended[0] ?? assert.fail('no end');
    assert.deepEqual([code, initiator], [1006, 'network']);
    assert.equal((error as { code?: string }).code, 'ERR_INCOMPLETE_FRAME');
  });

  test('tells of writes only while it is watched, and of bytes that leave', async () => {
    const { wire, peer, log } = makeWire();
    wire.protocol.send('unwatched');
    assert.deepEqual(log, []);
    wire.traffic.watched = true;
    peer.transport.pause();
    wire.protocol.send(new Uint8Array(200_000));
    assert.deepEqual(log, ['write']);
    await settle();
    assert.ok(wire.blocked && wire.bufferedAmount > 0);
    peer.transport.resume();
    await settle(10);
    assert.equal(log[1], 'progress');
    assert.deepEqual([wire.blocked, wire.bufferedAmount], [false, 0]);
  });

  test('counts what waits behind a message in fragments apart', async () => {
    const { wire } = makeWire();
    await settle();
    wire.protocol.fragments('text', undefined, () => {});
    wire.protocol.send('x'.repeat(50));
    assert.deepEqual(
      [wire.bufferedAmount, wire.handedAmount - wire.protocol.bufferedBehind],
      [50, 0],
    );
  });

  test('the info tells how many accepted bytes were lost, and the last round trip', async () => {
    const { wire, peer, clock, ended } = makeWire();
    void wire.pings.roundTrip(Buffer.from('p'));
    clock.advance(3);
    peer.send(Opcode.Pong, 'p');
    await settle();
    wire.protocol.fragments('text', undefined, () => {});
    wire.protocol.send('x'.repeat(50));
    wire.terminate();
    await settle();
    assert.deepEqual([ended[0]?.bufferedAmount, ended[0]?.lastRoundTripMs], [50, 3]);
  });

  test('what came before a long message outlasts the chunk they shared, which is freed', () => {
    for (const opcode of [Opcode.Binary, Opcode.Ping, Opcode.Pong]) {
      const { wire, kept } = makeWire('client');
      const chunk = new Uint8Array(9014).fill(9);
      chunk.set([0x80 | opcode, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x82, 126, 10_000 >>> 8, 10_000 & 0xff]);
      wire.receive(chunk);
      wire.receive(new Uint8Array(1000).fill(9));
      assert.equal(chunk.length, 'transfer' in ArrayBuffer.prototype ? 0 : 9014);
      const [short, long] = kept;
      assert.deepEqual(Buffer.from(short ?? ''), Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]));
      assert.deepEqual(Buffer.from(long ?? ''), Buffer.alloc(10_000, 9));
    }
  });

  test('a ping that waits is rejected at the end', async () => {
    const { wire } = makeWire();
    const roundTrip = wire.pings.roundTrip(Buffer.from('p'));
    wire.terminate();
    await assert.rejects(roundTrip, { code: 'ERR_NOT_OPEN' });
  });

  test('no clock runs once it is over', async () => {
    const { wire, peer, clock } = makeWire();
    assert.equal(clock.pending, 1);
    peer.transport.destroy();
    await settle();
    assert.equal(clock.pending, 0);
    wire.deadlines.markAlive();
    assert.equal(clock.pending, 0);
  });
});
