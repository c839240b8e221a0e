import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connectedPair, VirtualClock } from 'hawser/testing';

import { echoThroughProxy } from './echo-through-proxy.ts';

const kib = 1_024;
const soft = 64 * kib;
const hard = 1_024 * kib;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

for (const throttle of [0, kib]) {
  test(`fault: a reader at ${throttle} bytes/s, a sender that heeds nothing: bounded, then 1013`, async (t) => {
    const { proxy, behind, client, ended, canary } = await echoThroughProxy(t);
    proxy.set({ throttle }, 'downstream');
    const size = 128 * kib;
    let accepted = 0;
    let most = 0;
    while (behind.state === 'open') {
      behind.send(`${accepted} `.padEnd(size));
      if (behind.dropped.messages === 0) accepted++;
      most = Math.max(most, behind.bufferedAmount);
      await turn();
    }
    assert.ok(most <= hard + size + 14, `${most} bytes were held for it`);
    const { code, wasClean, initiator } = await ended;
    assert.deepEqual([code, wasClean, initiator], [1013, false, 'local']);
    assert.equal(behind.send('more'), false);
    await canary();

    // What had left before is there, whole and in order.
    proxy.set({ throttle: Infinity });
    let received = 0;
    const reading = (async () => {
      for await (const message of client) {
        assert.equal(message, `${received++} `.padEnd(size));
      }
    })();
    await reading.catch(() => {});
    assert.ok(received > 0 && received <= accepted, `${received} of ${accepted}`);
    assert.ok([1006, 1013].includes((await client.closed).code));
  });

  test(`fault: a reader at ${throttle} bytes/s, a sender that waits: no more than the soft mark, until backpressure.timeout`, async (t) => {
    const server = { backpressure: { timeout: 500 } };
    const { proxy, behind, ended, canary } = await echoThroughProxy(t, { server });
    proxy.set({ throttle }, 'downstream');
    const size = 16 * kib;
    let most = 0;
    const sending = (async () => {
      for (;;) {
        if (!behind.send('x'.repeat(size))) await behind.drained();
        most = Math.max(most, behind.bufferedAmount);
      }
    })();
    await assert.rejects(sending, { code: 'ERR_NOT_OPEN' });
    assert.ok(most <= soft + size + 14, `${most} bytes were held for it`);
    assert.equal((await ended).code, 1013);
    await canary();
  });
}

/** A server's end and a client that takes 1 KiB a second, in virtual time. */
function slowPair() {
  const clock = new VirtualClock();
  const options = { receiveQueue: kib, heartbeat: false as const };
  const { server, client } = connectedPair({ clock, options, highWaterMark: 4 * kib });
  const taken: string[] = [];
  const take = async (): Promise<void> => {
    taken.push(String(await client.receive()));
    await clock.pass(1_000);
  };
  return { server, client, taken, take, clock };
}

test('fault: a reader at 1 KiB/s, a sender at 10 KiB/s: closed with 1013 when the hard mark is reached', async () => {
  const { server, client, taken, take } = slowPair();
  let sent = 0;
  let seconds = 0;
  for (; server.state === 'open'; seconds++) {
    for (let part = 0; part < 10; part++) server.send(`${sent++} `.padEnd(kib));
    assert.ok(server.bufferedAmount < hard + 11 * kib, `${server.bufferedAmount}`);
    await take();
  }
  // It gains 9 KiB a second on its reader, who has some KiB on the way.
  assert.ok(seconds > hard / (9 * kib) - 2 && seconds < hard / (9 * kib) + 5, `${seconds} s`);
  assert.equal((await server.closed).code, 1013);
  assert.deepEqual(
    taken.map((message) => parseInt(message, 10)),
    taken.map((_, index) => index),
  );
  client.terminate();
});

test('fault: a reader at 1 KiB/s, a sender that waits: slow for ever, everything in order, nothing held', async () => {
  const { server, client, taken, take, clock } = slowPair();
  const count = 300;
  let most = 0;
  const sending = (async () => {
    for (let sent = 0; sent < count; sent++) {
      if (!server.send(`${sent} `.padEnd(kib))) await server.drained();
      most = Math.max(most, server.bufferedAmount);
    }
  })();
  for (let second = 0; second < count; second++) await take();
  await sending;
  assert.ok(most <= soft + 2 * kib, `${most} bytes were held for it`);
  assert.deepEqual(
    taken.map((message) => parseInt(message, 10)),
    taken.map((_, index) => index),
  );
  assert.equal(server.state, 'open', `after ${clock.now()} ms`);
  client.terminate();
});
