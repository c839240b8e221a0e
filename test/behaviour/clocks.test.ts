import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';

import { root } from '../../scripts/root.ts';
import { listFiles } from '../../scripts/sources.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import { deferred, rawPair, settle } from '../connection/raw-peer.ts';

const handler = { message() {} };
const quiet = { heartbeat: false, controlFrames: false } as const;

describe('Behaviour 7: pings', () => {
  test('every one is answered, with its own payload, in order', async () => {
    const { peer } = rawPair({ handler, options: quiet });
    const payloads = Array.from({ length: 500 }, (_, index) => `ping ${index}`);
    peer.transport.write(Buffer.concat(payloads.map((text) => peer.frame(Opcode.Ping, text))));
    await settle();
    assert.deepEqual(peer.payloads(Opcode.Pong), payloads);
  });

  test('one between the fragments of a message is answered at once', async () => {
    const { peer } = rawPair({ handler });
    peer.send(Opcode.Text, 'a', { fin: false });
    peer.send(Opcode.Ping, 'between');
    await settle();
    assert.deepEqual(peer.log, ['a between']);
  });

  test('at most one pong waits for a peer that does not read: the latest', async () => {
    const { connection, peer } = rawPair({ handler, options: quiet });
    await settle();
    peer.transport.pause();
    connection.send(new Uint8Array(200_000));
    await settle();
    const before = connection.bufferedAmount;
    for (let count = 0; count < 1_000; count++) peer.send(Opcode.Ping, `ping ${count}`);
    await settle();
    assert.equal(connection.bufferedAmount, before);
    peer.transport.resume();
    await settle(10);
    assert.deepEqual(peer.payloads(Opcode.Pong), ['ping 999']);
    peer.send(Opcode.Ping, 'read again');
    await settle();
    assert.deepEqual(peer.payloads(Opcode.Pong), ['ping 999', 'read again']);
  });

  test("our own Close does not end the answers, the peer's does", async () => {
    const { connection, peer } = rawPair({ handler });
    void connection.close();
    await settle();
    peer.send(Opcode.Ping, 'a');
    peer.close();
    peer.send(Opcode.Ping, 'b');
    await settle();
    assert.deepEqual(peer.log, ['close 1000', 'a a']);
  });
});

describe('Behaviour 8: the heartbeat', () => {
  const heartbeat = { interval: 300, timeout: 1_000 };

  test('F063: a mute peer is pinged and dropped: 1006, network', async () => {
    const { connection, peer, clock } = rawPair({ handler, options: { heartbeat } });
    await clock.pass(269);
    assert.deepEqual(peer.log, []);
    await clock.pass(62);
    await settle();
    assert.equal(peer.payloads(Opcode.Ping).length, 1);
    assert.equal(peer.frames[0]?.payload.length, 8);
    await clock.pass(930);
    assert.equal(connection.state, 'open');
    await clock.pass(80);
    const { code, initiator } = await connection.closed;
    assert.deepEqual([code, initiator], [1006, 'network']);
  });

  test('any byte counts, also half a header', async () => {
    const { connection, peer, clock } = rawPair({ handler, options: { heartbeat } });
    const frame = peer.frame(Opcode.Binary, new Uint8Array(100));
    for (const byte of frame.subarray(0, 20)) {
      await clock.pass(600);
      peer.transport.write(Uint8Array.of(byte));
      await settle();
    }
    assert.equal(connection.state, 'open');
    assert.ok(peer.payloads(Opcode.Ping).length >= 10);
  });

  test('C-82: a peer that pongs stays, for hours', async () => {
    const { connection, peer, clock } = rawPair({ handler, options: { heartbeat } });
    peer.sink.onChunk = ((decode) => (chunk: Uint8Array) => {
      decode?.(chunk);
      for (const { payload } of peer.frames.splice(0)) peer.send(Opcode.Pong, payload);
    })(peer.sink.onChunk);
    await clock.pass(60_000);
    assert.equal(connection.state, 'open');
  });

  test('F064: markAlive() postpones the ping, and vouches after one', async () => {
    const { connection, peer, clock } = rawPair({ handler, options: { heartbeat } });
    for (let count = 0; count < 20; count++) {
      await clock.pass(250);
      connection.markAlive();
    }
    assert.deepEqual(peer.log, []);
    await clock.pass(331);
    assert.equal(peer.payloads(Opcode.Ping).length, 1);
    connection.markAlive();
    await clock.pass(1_000);
    assert.equal(connection.state, 'open');
    assert.equal(peer.payloads(Opcode.Ping).length, 2);
  });

  test('the interval is spread by 10 %', async () => {
    const due = new Set<number>();
    for (let count = 0; count < 60; count++) {
      const { peer, clock } = rawPair({ handler, options: { heartbeat: { interval: 10_000 } } });
      await clock.pass(0);
      clock.advance(8_999);
      for (let at = 9_000; at <= 11_001 && peer.frames.length === 0; at += 250) {
        clock.advance(250);
        await settle(1);
        if (peer.frames.length > 0) due.add(at);
      }
      assert.equal(peer.payloads(Opcode.Ping).length, 1);
    }
    assert.ok(due.size >= 4, `${due.size} moments`);
  });

  test('the same time may pass at once', async () => {
    const { connection, clock } = rawPair({ handler, options: { heartbeat } });
    clock.advance(60_000);
    assert.equal((await connection.closed).initiator, 'network');
    assert.equal(clock.pending, 0);
  });

  test('false turns it off', async () => {
    const { connection, peer, clock } = rawPair({ handler, options: quiet });
    assert.equal(clock.pending, 0);
    await clock.pass(10_000_000);
    assert.deepEqual([connection.state, peer.log], ['open', []]);
  });
});

describe('Behaviour 8: a message has its time', () => {
  test('messageTimeout ends one that trickles below 2 KiB/s with 1008, no earlier than due', async () => {
    const { connection, peer, clock } = rawPair({
      handler,
      options: { ...quiet, messageTimeout: 10_000 },
    });
    peer.send(Opcode.Binary, new Uint8Array(1_000), { fin: false });
    for (let second = 0; second < 9; second++) {
      await clock.pass(1_000);
      peer.send(Opcode.Continuation, new Uint8Array(1_000), { fin: false });
    }
    await clock.pass(999);
    assert.equal(connection.state, 'open');
    await clock.pass(1);
    assert.match(peer.log[0] ?? '', /^close 1008 the message took too long/);
  });

  test('one that keeps above 2 KiB/s may take longer, judged anew each time', async () => {
    const { connection, peer, clock } = rawPair({
      handler,
      options: { ...quiet, messageTimeout: 10_000 },
    });
    peer.send(Opcode.Binary, new Uint8Array(3_000), { fin: false });
    for (let second = 0; second < 60; second++) {
      await clock.pass(1_000);
      peer.send(Opcode.Continuation, new Uint8Array(2_100), { fin: false });
    }
    assert.equal(connection.state, 'open');
    await clock.pass(11_000);
    assert.notEqual(connection.state, 'open');
  });

  test("the clock starts with a message's first byte, also behind another one", async () => {
    const { connection, peer, clock } = rawPair({
      handler,
      options: { ...quiet, messageTimeout: 1_000 },
    });
    for (let count = 0; count < 20; count++) {
      // The end of one message and the start of the next, in one chunk each.
      peer.transport.write(
        Buffer.concat([
          ...(count === 0 ? [] : [peer.frame(Opcode.Continuation, 'b')]),
          peer.frame(Opcode.Text, 'a', { fin: false }),
        ]),
      );
      await clock.pass(900);
    }
    assert.equal(connection.state, 'open');
    await clock.pass(100);
    await settle();
    assert.match(peer.log[0] ?? '', /^close 1008/);
  });

  test('no message, no clock: also not after one that was finished in a pause', async () => {
    const { connection, peer, clock } = rawPair({
      handler,
      options: { ...quiet, stallTimeout: 500 },
    });
    const frame = peer.frame(Opcode.Continuation, 'the end');
    peer.send(Opcode.Text, 'a', { fin: false });
    peer.transport.write(frame.subarray(0, 8));
    await settle();
    connection.pause();
    peer.transport.write(frame.subarray(8));
    await settle();
    connection.resume();
    await clock.pass(120_000);
    assert.equal(connection.state, 'open');
  });

  test('no message, no clock: also not after one that was inflated', async () => {
    const texts: unknown[] = [];
    const { connection, peer, clock } = rawPair({
      handler: { message: (_connection, text) => void texts.push(text) },
      options: { ...quiet, compression: true },
      deflate: {},
    });
    const payload = deflateRawSync('hello', { finishFlush: constants.Z_SYNC_FLUSH }).subarray(
      0,
      -4,
    );
    peer.send(Opcode.Text, payload, { rsv: 4 });
    while (texts.length === 0) await settle(1);
    await clock.pass(120_000);
    assert.equal(connection.state, 'open');
  });

  test('one that was begun in a pause has a clock', async () => {
    const { connection, peer, clock } = rawPair({ handler, options: quiet });
    connection.pause();
    peer.texts('whole');
    peer.send(Opcode.Text, 'half', { fin: false });
    await settle();
    await clock.pass(60_000);
    connection.resume();
    await clock.pass(29_999);
    assert.equal(connection.state, 'open');
    await clock.pass(1);
    assert.notEqual(connection.state, 'open');
  });

  test('F042: stallTimeout counts silence inside a frame only', async () => {
    const { connection, peer, clock } = rawPair({
      handler,
      options: { ...quiet, stallTimeout: 500 },
    });
    peer.send(Opcode.Text, 'a', { fin: false });
    await clock.pass(5_000);
    assert.equal(connection.state, 'open');
    const frame = peer.frame(Opcode.Continuation, 'bcdefgh');
    for (const byte of frame.subarray(0, 10)) {
      peer.transport.write(Uint8Array.of(byte));
      await clock.pass(499);
    }
    assert.equal(connection.state, 'open');
    await clock.pass(1);
    await settle();
    assert.match(peer.log[0] ?? '', /^close 1001/);
  });
});

describe('Behaviour 8: clocks stand still while this side is not reading', () => {
  test('paused: no ping, no loss, and a fresh start at resume', async () => {
    const heartbeat = { interval: 300, timeout: 1_000 };
    const { connection, peer, clock } = rawPair({
      handler,
      options: { heartbeat, messageTimeout: 500 },
    });
    peer.send(Opcode.Text, 'half', { fin: false });
    await clock.pass(200);
    connection.pause();
    await clock.pass(100_000);
    assert.equal(peer.payloads(Opcode.Ping).length, 0);
    connection.resume();
    await clock.pass(269);
    assert.equal(peer.payloads(Opcode.Ping).length, 0);
    assert.equal(connection.state, 'open');
    await clock.pass(231);
    assert.notEqual(connection.state, 'open');
  });

  test('a full receive queue: the same', async () => {
    const gate = deferred();
    const { connection, peer, clock } = rawPair({
      handler: { message: () => gate.promise },
      options: { receiveQueue: 10 },
    });
    peer.texts('1', '2'.repeat(20), '3');
    await settle();
    await clock.pass(1_000_000);
    assert.deepEqual([connection.state, peer.log], ['open', []]);
    gate.resolve();
    await clock.pass(28_000);
    assert.equal(peer.payloads(Opcode.Ping).length, 1);
  });

  test('a message too large to hold that waits for the first pull: the same', async () => {
    const { connection, peer, clock } = rawPair({
      role: 'client',
      options: { maxMessageSize: 1_000 },
    });
    peer.send(Opcode.Binary, new Uint8Array(5_000));
    await settle();
    await clock.pass(1_000_000);
    assert.deepEqual([connection.state, peer.log], ['open', []]);
    assert.equal((await connection.receive({ pieces: true }))?.first, true);
    await clock.pass(28_000);
    assert.equal(peer.payloads(Opcode.Ping).length, 1);
  });

  test('what this side sends has its time all the same', async () => {
    const { connection, peer, clock } = rawPair({ handler });
    await settle();
    peer.transport.pause();
    connection.send(new Uint8Array(500_000));
    connection.pause();
    await clock.pass(31_000);
    assert.equal((await connection.closed).code, 1013);
  });

  test('a peer that takes a little at a time is not too slow', async () => {
    const { connection, peer, clock } = rawPair({ handler, options: quiet });
    await settle();
    peer.transport.pause();
    connection.send(new Uint8Array(1_000_000));
    await settle();
    for (let count = 0; count < 8; count++) {
      await clock.pass(29_000);
      peer.transport.resume();
      await Promise.resolve();
      peer.transport.pause();
      await settle();
    }
    assert.equal(connection.state, 'open');
  });
});

test('Behaviour 8: only monotonic time: nothing reads the wall clock', () => {
  const wallClock = /\bDate\b|hrtime\(\)/;
  const readers = listFiles(['src'], '.ts').filter((file) =>
    wallClock.test(readFileSync(join(root, file), 'utf8')),
  );
  assert.deepEqual(readers, []);
});
