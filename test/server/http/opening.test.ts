import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { test } from 'node:test';

import { type OpeningLimits, Openings } from '../../../src/server/http/opening.ts';
import { ServerTally } from '../../../src/server/stats.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { tcpPair } from '../../support/socket-pair.ts';
import { RawClient } from '../raw-client.ts';

function openingsOf(clock: VirtualClock, given: Partial<OpeningLimits> = {}, tally?: ServerTally) {
  const limits = { timeout: 1_000, maxPendingHandshakes: 10, answering: () => 0, ...given };
  return new Openings(limits, tally ?? new ServerTally(), clock);
}

test('a head that is not complete at the deadline is answered with 408', async () => {
  const { server, client } = await tcpPair();
  const clock = new VirtualClock();
  const openings = openingsOf(clock);
  openings.begin(server);
  clock.advance(999);
  assert.ok(server.writable);
  clock.advance(1);
  assert.equal((await new RawClient(client).answer()).status, 408);
  assert.equal(openings.complete(server), undefined);
  client.destroy();
});

test('a complete head tells once when its client connected, and ends the deadline', async () => {
  const { server, client } = await tcpPair();
  const clock = new VirtualClock();
  clock.advance(70);
  const openings = openingsOf(clock);
  openings.begin(server);
  clock.advance(30);
  assert.equal(openings.complete(server), 70);
  assert.equal(openings.complete(server), undefined);
  assert.equal(clock.pending, 0);
  client.destroy();
  server.destroy();
});

test('a client that goes away is forgotten', async () => {
  const { server, client } = await tcpPair();
  const clock = new VirtualClock();
  // Without addresses TLS is established unseen.
  openingsOf(clock).secure(server);
  client.destroy();
  server.resume().end();
  await once(server, 'close');
  assert.equal(clock.pending, 0);
});

test('without TLS by the deadline the socket is dropped', async () => {
  const { server, client } = await tcpPair();
  const clock = new VirtualClock();
  openingsOf(clock).beginTls(server);
  clock.advance(1_000);
  await once(server, 'close');
  assert.equal(String(await new RawClient(client).rest()), '');
  client.destroy();
});

test('TLS and head share one deadline, found again by the addresses', async () => {
  const { server, client } = await tcpPair();
  const clock = new VirtualClock();
  const openings = openingsOf(clock);
  openings.beginTls(server);
  clock.advance(600);
  // The pair stands for both layers, which have the same addresses.
  openings.secure(server);
  assert.equal(clock.pending, 1);
  clock.advance(400);
  assert.equal((await new RawClient(client).answer()).status, 408);
  client.destroy();
});

test('a client that comes back by the same port keeps its one deadline', async () => {
  const { server, client } = await tcpPair();
  const clock = new VirtualClock();
  const openings = openingsOf(clock);
  const earlier = new Socket();
  for (const name of ['remoteAddress', 'remotePort', 'localAddress', 'localPort'] as const) {
    Object.defineProperty(earlier, name, { value: server[name] });
  }
  openings.beginTls(earlier);
  openings.beginTls(server);
  earlier.destroy();
  await once(earlier, 'close');
  openings.secure(server);
  assert.equal(clock.pending, 1);
  assert.equal(openings.size, 1);
  client.destroy();
  server.destroy();
});

test('a TLS socket that is found by no address gets a deadline of its own', async () => {
  const { server, client } = await tcpPair();
  const clock = new VirtualClock();
  const openings = openingsOf(clock);
  clock.advance(600);
  openings.secure(server);
  assert.equal(openings.complete(server), 600);
  client.destroy();
  server.destroy();
});

test('refuseAll answers where it can and drops where TLS is not ready', async () => {
  const plain = await tcpPair();
  const secure = await tcpPair();
  const clock = new VirtualClock();
  const openings = openingsOf(clock);
  openings.begin(plain.server);
  openings.beginTls(secure.server);
  openings.refuseAll('UNAVAILABLE');
  assert.equal((await new RawClient(plain.client).answer()).status, 503);
  assert.ok(secure.server.destroyed);
  assert.equal(clock.pending, 0);
  for (const { client } of [plain, secure]) client.destroy();
});

test('at the limit the oldest client without a head goes for the newcomer', async () => {
  const [old, young, newcomer] = [await tcpPair(), await tcpPair(), await tcpPair()];
  const tally = new ServerTally();
  const openings = openingsOf(new VirtualClock(), { maxPendingHandshakes: 2 }, tally);
  for (const { server } of [old, young]) openings.begin(server);
  openings.begin(newcomer.server);
  assert.deepEqual(
    [old, young, newcomer].map(({ server }) => server.destroyed),
    [true, false, false],
  );
  assert.equal(openings.size, 2);
  assert.equal(tally.limits.get('maxPendingHandshakes'), 1);
  for (const { client, server } of [old, young, newcomer]) {
    client.destroy();
    server.destroy();
  }
});

test('when all wait for the application the newcomer is told to come again', async () => {
  const { server, client } = await tcpPair();
  const openings = openingsOf(new VirtualClock(), { answering: () => 10 });
  openings.begin(server);
  const answer = await new RawClient(client).answer();
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
  assert.equal(openings.size, 0);
  client.destroy();
});

test('with TLS it is told as soon as that is established, unless the next came before', async () => {
  const [first, second] = [await tcpPair(), await tcpPair()];
  const openings = openingsOf(new VirtualClock(), { answering: () => 10 });
  openings.beginTls(first.server);
  openings.beginTls(second.server);
  assert.equal(first.server.destroyed, true);
  assert.equal(openings.size, 1);
  openings.secure(second.server);
  assert.equal((await new RawClient(second.client).answer()).status, 503);
  assert.equal(openings.size, 0);
  for (const { client } of [first, second]) client.destroy();
});
