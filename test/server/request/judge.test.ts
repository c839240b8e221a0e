import assert from 'node:assert/strict';
import { test } from 'node:test';

import { refuse } from '../../../src/handshake/decision.ts';
import { resolveEndpoint } from '../../../src/server/options/endpoint.ts';
import {
  type Admission,
  isJudgedAtOnce,
  judge,
  judgeAtOnce,
} from '../../../src/server/request/judge.ts';
import { PendingHandshake } from '../../../src/server/request/pending.ts';
import { receivedRequest } from '../../../src/server/request/request.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import type { Lines } from '../raw-client.ts';
import { arrive } from '../serving.ts';

/** Judges a request; tells the status, 101 for acceptance, and who was asked in which order. */
async function judged(lines: Lines, admit?: Admission) {
  const { request, socket, client } = await arrive(lines);
  const asked: string[] = [];
  const endpoint = resolveEndpoint({
    trustProxy: true,
    authorize: ({ remoteAddress }: { remoteAddress: string }) => {
      asked.push(`authorize ${remoteAddress}`);
    },
  });
  const pending = new PendingHandshake(socket, 500, new VirtualClock());
  const room: Admission = (address) => {
    asked.push(`room ${address}`);
    return admit?.(address);
  };
  const decision = await judge(receivedRequest(request), endpoint, {}, pending, room);
  client.destroy();
  return { status: decision.accepted ? 101 : decision.status, asked };
}

test('there must be room for the client before the application is asked', async () => {
  assert.deepEqual(await judged({ 'X-Forwarded-For': '192.0.2.1' }), {
    status: 101,
    asked: ['room 192.0.2.1', 'authorize 192.0.2.1'],
  });
  const full = () => refuse('UNAVAILABLE');
  assert.deepEqual(await judged({}, full), { status: 503, asked: ['room 127.0.0.1'] });
});

test('a request that is refused anyway takes no room', async () => {
  assert.deepEqual(await judged({ 'Sec-WebSocket-Key': 'short' }), { status: 400, asked: [] });
  assert.deepEqual(await judged({ Origin: 'http://evil.example' }), { status: 403, asked: [] });
});

test('RFC 7230 §3.2: a line that a lenient parser let pass is refused all the same', async () => {
  const { request, client } = await arrive();
  request.rawHeaders.push('X-A', 'a\0b');
  const decision = judgeAtOnce(receivedRequest(request), resolveEndpoint({}), {}, () => undefined);
  client.destroy();
  assert.ok(!decision.accepted);
  assert.equal(decision.refusal, 'MALFORMED_REQUEST');
});

test('without authorize and a function for origins nobody need be asked', () => {
  assert.equal(isJudgedAtOnce(resolveEndpoint({ origins: ['http://a.example'] })), true);
  assert.equal(isJudgedAtOnce(resolveEndpoint({ authorize: () => true })), false);
  assert.equal(isJudgedAtOnce(resolveEndpoint({ origins: () => true })), false);
});

test('what is judged at once keeps to the same order', async () => {
  const asked: (string | undefined)[] = [];
  const endpoint = resolveEndpoint({ trustProxy: true, subprotocols: ['b'] });
  const statusOf = async (lines: Lines, refused?: ReturnType<Admission>) => {
    const { request, client } = await arrive(lines);
    const params = Object.freeze({ room: 'a' });
    const decision = judgeAtOnce(receivedRequest(request), endpoint, params, (address) => {
      asked.push(address);
      return refused;
    });
    client.destroy();
    if (!decision.accepted) return decision.status;
    assert.equal(decision.params, params);
    assert.equal(decision.context, undefined);
    return decision.subprotocol;
  };
  const forwarded = { 'X-Forwarded-For': '192.0.2.1', 'Sec-WebSocket-Protocol': 'a, b' };
  assert.equal(await statusOf(forwarded), 'b');
  assert.equal(await statusOf({}, refuse('UNAVAILABLE')), 503);
  assert.deepEqual(asked, ['192.0.2.1', '127.0.0.1']);
  assert.equal(await statusOf({ 'Sec-WebSocket-Key': 'short' }), 400);
  assert.equal(await statusOf({ Host: 'a%zz' }), 400);
  assert.equal(await statusOf({ Origin: 'http://evil.example' }), 403);
  assert.equal(asked.length, 2);
});
