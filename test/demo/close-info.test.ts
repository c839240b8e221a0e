import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import { startDemo } from './program.ts';
import { Visitor } from './visitor.ts';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A demo, one visitor of its echo, and the way to ask about it over HTTP. */
async function visit(context: TestContext) {
  const { url, ws } = await startDemo(context);
  const key: string = randomUUID();
  const visitor = await Visitor.open(`${ws}/echo?id=${key}`);
  const ask = async (verb: string, init?: RequestInit, of = key): Promise<Answer> => {
    const response = await fetch(`${url}/api/${verb}/${of}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const post = (verb: string, body?: string) => ask(verb, { method: 'POST', body: body ?? null });
  return { ws, key, visitor, ask, post };
}

test('demo: the CloseInfo of a visitor who closed is there over HTTP', async (context) => {
  const { ask, visitor } = await visit(context);
  visitor.socket.close(4001, 'lunch');
  const { status, body } = await ask('closed');
  assert.equal(status, 200);
  assert.deepEqual(body, {
    code: 4001,
    codeName: null,
    reason: 'lunch',
    wasClean: true,
    initiator: 'peer',
    sentCode: 4001,
    receivedCode: 4001,
    phase: 'closing',
    bufferedAmount: 0,
    retryable: false,
  });
  assert.deepEqual((await ask('closed')).body, body);
});

test('demo: the server closes with any code that may be sent, when asked', async (context) => {
  const { ask, post, visitor } = await visit(context);
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5]) {
    const { status, body } = await post('close', JSON.stringify({ code }));
    assert.equal(status, 400, String(code));
    assert.match(String(body['error']), /3000–4999/);
  }
  for (const body of ['', '{', '7', '{"code":"1000"}', '{"code":1000,"reason":7}']) {
    assert.equal((await post('close', body)).status, 400, body);
  }
  assert.equal(
    (await post('close', JSON.stringify({ code: 1000, x: 'x'.repeat(9_999) }))).status,
    400,
  );
  assert.equal((await post('close', '{"code":1012,"reason":"new rope"}')).status, 202);
  assert.deepEqual(await visitor.closed, { code: 1012, reason: 'new rope' });
  const { body } = await ask('closed');
  assert.equal(body['initiator'], 'local');
  assert.equal(body['codeName'], 'ServiceRestart');
  assert.equal((await post('close', '{"code":1000}')).status, 404);
});

test('demo: the server pings a visitor and gives the round trip', async (context) => {
  const { ask, post, visitor } = await visit(context);
  const { status, body } = await post('ping');
  assert.equal(status, 200);
  assert.ok(Number(body['roundTripMs']) > 0);
  visitor.socket.terminate();
  const { body: info } = await ask('closed');
  assert.deepEqual([info['code'], info['initiator'], info['wasClean']], [1006, 'network', false]);
  assert.equal(info['lastRoundTripMs'], body['roundTripMs']);
});

test('demo: one ping at a time, and none after the end', async (context) => {
  const { post, visitor } = await visit(context);
  visitor.socket.pause();
  const first = post('ping');
  const statuses: number[] = [];
  while (!statuses.includes(429)) statuses.push((await post('ping')).status);
  visitor.socket.terminate();
  assert.equal((await first).status, 410);
  assert.equal((await post('ping')).status, 404);
});

test('demo: a question that is none gets its status', async (context) => {
  const { ask, post } = await visit(context);
  assert.equal((await ask('closed', {}, randomUUID())).status, 404);
  assert.equal((await ask('closed', {}, '..%2f..%2fpackage.json')).status, 404);
  assert.equal((await ask('other')).status, 404);
  assert.equal((await ask('ping')).status, 405);
  assert.equal((await post('closed')).status, 405);
});

test('demo: an id that is in use stays with its first visitor', async (context) => {
  const { ask, key, post, visitor, ws } = await visit(context);
  const second = await Visitor.open(`${ws}/chat/lobby?id=${key}`);
  assert.equal((await second.closed).code, 1008);
  assert.equal((await post('ping')).status, 200);
  visitor.socket.close(1000);
  assert.equal((await ask('closed')).body['code'], 1000);
});
