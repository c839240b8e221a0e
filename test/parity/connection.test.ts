import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { CloseInfo } from '../../src/connection/closing/close-info.ts';
import type { Handler, Message } from '../../src/connection/handler.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import { connectedPair } from '../../src/testing/connected-pair.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { closePayload, deferred, rawPair, settle } from '../connection/raw-peer.ts';

/** The first CloseInfo that a handler is given. */
function closing(): { handler: Handler; info: Promise<CloseInfo> } {
  const told = deferred<CloseInfo>();
  return {
    handler: { message() {}, close: (_connection, info) => told.resolve(info) },
    info: told.promise,
  };
}

describe('ping, pong, liveness', () => {
  test('F057: a Ping is answered by a Pong with its payload, empty and 125 bytes long', async () => {
    const { peer, connection } = rawPair({ handler: { message() {} } });
    for (const text of ['', 'x'.repeat(125)]) peer.send(Opcode.Ping, text);
    await peer.until(2);
    assert.deepEqual(peer.payloads(Opcode.Pong), ['', 'x'.repeat(125)]);
    connection.terminate();
  });

  test('F059: ping() sends up to 125 bytes, and throws for more without sending', async () => {
    const { peer, connection } = rawPair();
    void connection.ping('x'.repeat(125));
    assert.throws(() => connection.ping('x'.repeat(126)), RangeError);
    assert.throws(() => connection.ping('x'.repeat(200)), RangeError);
    await settle();
    assert.deepEqual(peer.log, [`9 ${'x'.repeat(125)}`]);
    connection.terminate();
  });

  test('F060: pong gets the payload and the round trip, ping() resolves to the same', async () => {
    const pongs: [string, number | undefined][] = [];
    const { peer, connection, clock } = rawPair({
      handler: {
        pong: (_connection, bytes, roundTripMs) => {
          pongs.push([Buffer.from(bytes).toString(), roundTripMs]);
        },
      },
    });
    const roundTrip = connection.ping('mine');
    clock.advance(35);
    peer.send(Opcode.Pong, 'mine');
    assert.equal(await roundTrip, 35);
    assert.deepEqual(pongs, [['mine', 35]]);
    connection.terminate();
    assert.equal((await connection.closed).lastRoundTripMs, 35);
  });

  test('F061, C-53: ping is called after the Pong was sent', async () => {
    const order: string[] = [];
    const { peer, connection } = rawPair({
      handler: {
        ping(self, bytes) {
          order.push(`ping ${Buffer.from(bytes).toString()}`);
          self.send('from the handler');
        },
      },
    });
    peer.send(Opcode.Ping, 'p');
    await peer.until(2);
    assert.deepEqual([order, peer.log], [['ping p'], ['a p', '1 from the handler']]);
    connection.terminate();
  });

  test('F062: a Pong nobody asked for is told without a round trip, and harms nothing', async () => {
    const pongs: unknown[] = [];
    const { peer, connection } = rawPair({
      handler: { pong: (_connection, bytes, ms) => void pongs.push(bytes.length, ms) },
    });
    peer.send(Opcode.Pong, 'unasked');
    await settle();
    assert.deepEqual([pongs, connection.state], [[7, undefined], 'open']);
    connection.terminate();
  });
});

describe('closing handshake', () => {
  test("F066, C-42: close(code, reason) reaches the peer's handler", async () => {
    const { handler, info } = closing();
    const { server, client } = connectedPair({ server: handler });
    assert.equal(server.state, 'open');
    await client.close(1000, 'goodbye');
    const { code, reason } = await info;
    assert.deepEqual([code, reason], [1000, 'goodbye']);
  });

  test('F070: a Close is echoed with code and reason', async () => {
    const { peer, connection } = rawPair();
    peer.close(4001, 'bye');
    await peer.until(1);
    assert.deepEqual(peer.log, ['close 4001 bye']);
    connection.terminate();
  });

  test('F072: close gets code, reason and whether it was clean, once', async () => {
    const infos: CloseInfo[] = [];
    const handler: Handler = { message() {}, close: (_connection, info) => void infos.push(info) };
    const { client, server } = connectedPair({ server: handler });
    await Promise.all([client.close(1000, 'x'), server.closed]);
    await settle();
    assert.deepEqual(
      infos.map(({ code, reason, wasClean, initiator }) => [code, reason, wasClean, initiator]),
      [[1000, 'x', true, 'peer']],
    );
  });

  test('F073: a transport that is dropped is 1006, not clean, by the network', async () => {
    const { handler, info } = closing();
    const { peer } = rawPair({ handler });
    peer.transport.destroy();
    const { code, wasClean, initiator, error, retryable } = await info;
    assert.deepEqual([code, wasClean, initiator, retryable], [1006, false, 'network', true]);
    assert.match(String(error), /ECONNRESET/);
  });

  test('F074, C-28: a Close without a code is 1005, and echoed without one', async () => {
    const { handler, info } = closing();
    const { peer } = rawPair({ handler });
    peer.send(Opcode.Close, closePayload(0).subarray(2));
    peer.transport.end();
    const { code, receivedCode, wasClean } = await info;
    assert.deepEqual([code, receivedCode, wasClean], [1005, 1005, true]);
    assert.deepEqual(peer.log, ['close empty']);
  });

  test('F076: codes 3000 to 4999 are the application’s, both ways', async () => {
    for (const code of [3000, 3999, 4000, 4999]) {
      const { handler, info } = closing();
      const { client } = connectedPair({ server: handler });
      const ours = await client.close(code, 'own');
      assert.deepEqual([(await info).code, ours.code, ours.wasClean], [code, code, true]);
    }
  });

  test('F077: echoClose: false leaves the answer to close()', async () => {
    const { peer, connection } = rawPair({ options: { echoClose: false } });
    peer.close(4000);
    await settle();
    assert.deepEqual([peer.log, connection.state], [[], 'close-received']);
    assert.equal(connection.send('not any more'), false);
    void connection.close(4002);
    await peer.until(1);
    assert.deepEqual(peer.log, ['close 4002']);
    connection.terminate();
  });
});

describe('back-pressure and modes', () => {
  test('F128: a slow reader costs bounded memory, and drain fires when it reads again', async () => {
    let drains = 0;
    const soft = 65_536;
    const { server, client } = connectedPair({
      server: { message() {}, drain: () => void drains++ },
    });
    client.pause();
    let sent = 0;
    let most = 0;
    const message = new Uint8Array(10_000);
    const sending = (async () => {
      while (sent < 100) {
        sent++;
        if (!server.send(message)) await server.drained();
        most = Math.max(most, server.bufferedAmount);
      }
    })();
    await settle();
    assert.ok(sent < 100, `${sent} were sent`);
    const before = drains;
    client.resume();
    for (let count = 0; count < 100; count++) await client.receive();
    await sending;
    assert.ok(drains > before);
    assert.ok(most < soft + message.length + 14, `${most} bytes waited`);
    client.terminate();
  });

  test('F129: paused, the way fills and the sender is stopped; resumed, nothing is lost', async () => {
    const seen: Message[] = [];
    const { server, client } = connectedPair({
      server: { message: (_connection, message) => void seen.push(message) },
    });
    server.pause();
    let count = 0;
    while (client.send(`${count++} ${'x'.repeat(1_000)}`)) if (count % 50 === 0) await settle(1);
    assert.deepEqual(seen, []);
    server.resume();
    await client.drained();
    await client.close();
    await server.closed;
    assert.deepEqual(
      seen.map((message) => Number.parseInt(String(message), 10)),
      Array.from({ length: count }, (_, index) => index),
    );
  });

  test('F130: a handler object echoes', async () => {
    const { client } = connectedPair({
      server: { message: (connection, message) => connection.send(message) },
    });
    for (const message of ['text', new Uint8Array([1, 2])]) {
      client.send(message);
      assert.deepEqual(await client.receive(), message);
    }
    client.terminate();
  });

  test('F131: receive({ timeout: 1000 }) serves as a timer between messages', async () => {
    const clock = new VirtualClock();
    const { server, client } = connectedPair({ clock });
    const ticks: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      const waiting = client.receive({ timeout: 1_000 }).catch((error) => error.code);
      if (round === 1) server.send('between');
      else await clock.pass(1_000);
      ticks.push(await waiting);
    }
    assert.deepEqual(ticks, ['ERR_TIMEOUT', 'between', 'ERR_TIMEOUT']);
    assert.equal(client.state, 'open');
    client.terminate();
  });

  test('F132: for await ends at the close, and break closes', async () => {
    const { server, client } = connectedPair();
    for (const text of ['a', 'b']) server.send(text);
    void server.close();
    const seen: Message[] = [];
    for await (const message of client) seen.push(message);
    assert.deepEqual(seen, ['a', 'b']);
    const other = connectedPair();
    other.server.send('first');
    for await (const message of other.client) {
      assert.equal(message, 'first');
      break;
    }
    const { code, initiator } = await other.server.closed;
    assert.deepEqual([code, initiator], [1000, 'peer']);
  });

  test('F134: receiveBuffer grows as told; over its max it is 1009', async () => {
    const receiveBuffer = { initial: 100, growBy: 100, max: 1_000 };
    const { client, server } = connectedPair({ options: { receiveBuffer } });
    await client.sendFragments([new Uint8Array(600), new Uint8Array(400)], 'binary');
    assert.equal((await server.receive())?.length, 1_000);
    await client.sendFragments([new Uint8Array(600), new Uint8Array(401)], 'binary');
    await assert.rejects(server.receive(), { code: 'ERR_NOT_OPEN' });
    assert.equal((await client.closed).code, 1009);
  });
});
