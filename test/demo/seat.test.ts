import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connectedPair } from 'hawser/testing';

import { Room } from '../../demo/room.ts';
import { Seat } from '../../demo/seat.ts';

test('demo: a slow tab misses what is said instead of growing, and is told so', async (context) => {
  const room = new Room(2);
  const { server, client } = connectedPair({
    subprotocol: 'chat.hawser.v1',
    server: { message: () => undefined, drain: () => slow.catchUp() },
    highWaterMark: 1_024,
  });
  context.after(() => server.terminate());
  const slow = new Seat(server, room);
  const speaker = { id: 'speaker', receive: () => true };
  room.join(speaker, 'Speaker');
  assert.ok(slow.sit('lobby', 'Slow'));
  client.pause();
  await turn();

  const said = 200;
  for (let n = 0; n < said; n += 1) {
    room.say(speaker, `${n} ${'x'.repeat(1_000)}`);
    await turn();
    assert.ok(server.bufferedAmount < 68_000, `${server.bufferedAmount} bytes wait`);
  }
  room.leave(speaker);
  client.resume();

  let heard = 0;
  for (;;) {
    const event = JSON.parse(String(await client.receive())) as Record<string, unknown>;
    if (event['type'] === 'said') heard += 1;
    if (event['type'] !== 'people') continue;
    assert.equal(event['missed'], said - heard + 1);
    assert.deepEqual(event['people'], [{ id: server.id, name: 'Slow', typing: false }]);
    break;
  }
  assert.ok(heard > 10 && heard < said, `${heard} were heard`);
});

test('demo: a flood ends with its connection, not with an error', async () => {
  const { server } = connectedPair({
    subprotocol: 'chat.hawser.v1',
    server: { message: () => {} },
  });
  const room = new Room(1);
  const seat = new Seat(server, room);
  seat.sit('lobby', 'Flooder');
  const steps = Array.from({ length: 25 }, () => seat.take('{"type":"typing","typing":true}'));
  server.terminate();
  await Promise.all(steps);
  assert.equal(server.state, 'closed');
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
