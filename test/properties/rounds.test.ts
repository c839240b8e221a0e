import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Connection } from '../../src/connection/connection.ts';
import type { Message } from '../../src/connection/handler.ts';
import { broadcast } from '../../src/connection/sending/broadcast.ts';
import { connectOver } from '../../src/testing/connected-pair.ts';
import { DuplexTransport } from '../../src/transport/duplex.ts';
import { turn, until } from '../suites/pairs.ts';
import { tcpPair } from '../support/socket-pair.ts';

/** Fewer receivers than this are asked one by one, always. */
const RECEIVERS = 8;

type Send = (receivers: readonly Connection[], message: string, except?: Connection) => unknown;

async function room() {
  const servers: Connection[] = [];
  const logs: (Message | number)[][] = [];
  const options = { backpressure: { soft: 600, hard: 900, policy: 'drop-newest' } } as const;
  for (let index = 0; index < RECEIVERS + 1; index++) {
    const { server, client } = await tcpPair();
    const log: (Message | number)[] = [];
    const transports = [new DuplexTransport(server), new DuplexTransport(client)] as const;
    const pair = connectOver(transports, {
      options,
      client: {
        message: (_, message) => void log.push(message),
        close: (_, { code }) => void log.push(code),
      },
    });
    servers.push(pair.server);
    logs.push(log);
  }
  return { servers, logs };
}

/** To all in one call. */
const together: Send = (receivers, message, except) => broadcast(receivers, message, { except });

/** The same, to one receiver at a time. */
const apart: Send = (receivers, message, except) => {
  const result = { queued: 0, dropped: 0 };
  for (const receiver of receivers) {
    const { queued, dropped } = broadcast([receiver], message, { except });
    result.queued += queued;
    result.dropped += dropped;
  }
  return result;
};

/** What may happen, to whom, and with how many bytes. */
const step = fc.record({
  what: fc.oneof(
    { weight: 12, arbitrary: fc.constant('all' as const) },
    fc.constantFrom('except', 'some', 'send', 'ping', 'close', 'terminate', 'pieces', 'turn'),
  ),
  whom: fc.nat(RECEIVERS),
  size: fc.oneof(fc.nat(60), fc.constant(300)),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Does one step; what it answered. */
function act(servers: readonly Connection[], send: Send, { what, whom, size }: Step): unknown {
  const server = servers[whom];
  assert.ok(server !== undefined);
  const message = `${what} ${whom}`.padEnd(size, '.');
  if (what === 'all') return send(servers, message);
  if (what === 'except') return send(servers, message, server);
  if (what === 'some') return send(servers.slice(1), message);
  if (what === 'send') return server.send(message);
  if (what === 'ping') void server.ping().catch(() => {});
  if (what === 'close') void server.close(4000);
  if (what === 'terminate') server.terminate();
  if (what === 'pieces') void server.sendFragments([message, '!'], 'text').catch(() => {});
  return undefined;
}

async function run(send: Send, steps: readonly Step[]) {
  const { servers, logs } = await room();
  const told: unknown[] = [];
  for (const each of steps) {
    told.push([
      act(servers, send, each),
      servers.map(({ bufferedAmount, state, dropped }) => [bufferedAmount, state, dropped]),
    ]);
    if (each.what === 'turn') await turn();
  }
  for (const server of servers) void server.close();
  await until(() => logs.every((log) => typeof log.at(-1) === 'number'));
  return { told, logs };
}

test('messages to many at once are those to each of them, whatever happens between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const [one, other] = [await run(together, steps), await run(apart, steps)];
      assert.deepEqual(one.told, other.told);
      assert.deepEqual(one.logs, other.logs);
    }),
    { numRuns: 60 },
  );
});
