import assert from 'node:assert/strict';
import { test } from 'node:test';

import { resolveEndpoint } from '../../../src/server/options/endpoint.ts';
import { accept, Acceptance, askApplication } from '../../../src/server/request/authorize.ts';
import type { UpgradeRequest } from '../../../src/server/request/request.ts';

const request = { path: '/' } as UpgradeRequest;

function ask(authorize: (request: UpgradeRequest) => unknown) {
  return askApplication(resolveEndpoint({ authorize }), request);
}

async function refusedBy(authorize: (request: UpgradeRequest) => unknown) {
  const answer = await ask(authorize);
  assert.ok(!(answer instanceof Acceptance));
  return answer;
}

test('without authorize everybody is accepted and the context is undefined', async () => {
  const answer = await askApplication(resolveEndpoint({}), request);
  assert.ok(answer instanceof Acceptance);
  assert.equal(answer.context, undefined);
});

test('false and null are refused with 403, also when they come later', async () => {
  for (const answer of [false, null, Promise.resolve(false), Promise.resolve(null)]) {
    const { status, refusal } = await refusedBy(() => answer);
    assert.deepEqual([status, refusal], [403, 'UNAUTHORIZED']);
  }
});

test('any other value is the context', async () => {
  for (const context of [undefined, 0, '', true, { user: 'a' }, Number.NaN]) {
    for (const given of [context, Promise.resolve(context)]) {
      const answer = await ask(() => given);
      assert.ok(answer instanceof Acceptance);
      assert.equal(answer.context, context);
    }
  }
});

test('authorize is called on its handler, with the request', async () => {
  class Chat {
    name = 'chat';
    authorize(given: UpgradeRequest) {
      return [this.name, given.path];
    }
  }
  for (const endpoint of [new Chat(), { handler: new Chat() }]) {
    const answer = await askApplication(resolveEndpoint(endpoint), request);
    assert.deepEqual(answer instanceof Acceptance && answer.context, ['chat', '/']);
  }
});

test('a Response refuses with its status, headers and body', async () => {
  const headers = new Headers({ 'www-authenticate': 'Basic realm="x"' });
  headers.append('set-cookie', 'a=1');
  headers.append('set-cookie', 'b=2');
  const refused = await refusedBy(() => new Response('nö', { status: 401, headers }));
  assert.equal(refused.status, 401);
  assert.equal(String(refused.content), 'nö');
  assert.deepEqual(refused.headers, [
    ['content-type', 'text/plain;charset=UTF-8'],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
    ['www-authenticate', 'Basic realm="x"'],
  ]);
  assert.equal((await refusedBy(() => new Response(null, { status: 404 }))).content?.length, 0);
});

test('a Response of another class is recognised by its Symbol.toStringTag', async () => {
  const foreign = {
    [Symbol.toStringTag]: 'Response',
    status: 402,
    headers: new Map([['X-A', 'b']]),
    body: [Buffer.from('pay')],
  };
  const refused = await refusedBy(() => foreign);
  assert.equal(refused.status, 402);
  assert.equal(String(refused.content), 'pay');
  await assert.rejects(
    ask(() => ({ ...foreign, status: 101 })),
    RangeError,
  );
  await assert.rejects(
    ask(() => ({ ...foreign, headers: [['X-A', 'a\r\nb']] })),
    TypeError,
  );
});

test('of the body of a Response 64 KiB are read, and no more are asked for', async () => {
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(40_000).fill(pulled));
    },
  });
  const { content } = await refusedBy(() => new Response(body));
  assert.equal(content?.length, 65_536);
  assert.equal(content[65_535], 2);
  assert.ok(pulled <= 3, `${pulled} chunks`);
});

test('what authorize throws rejects', async () => {
  const error = new Error('no database');
  await assert.rejects(
    ask(() => {
      throw error;
    }),
    error,
  );
  await assert.rejects(
    ask(() => Promise.reject(error)),
    error,
  );
});

test('accept takes headers as an object, as pairs and as Headers', () => {
  const expected = [
    ['x-a', '1'],
    ['x-b', '2'],
    ['x-b', '3'],
  ];
  const pairs: [string, string][] = [
    ['x-a', '1'],
    ['x-b', '2'],
    ['x-b', '3'],
  ];
  for (const headers of [{ 'x-a': '1', 'x-b': ['2', '3'] }, pairs]) {
    assert.deepEqual(accept('context', { headers }).options.headers, expected);
  }
  const headers = new Headers({ 'x-a': '1' });
  assert.deepEqual(accept('context', { headers }).options.headers, [['x-a', '1']]);
});

test('HS-27: accept throws for what must not stand in an answer', () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ headers: { 'X-A': 'a\r\nSet-Cookie: x=1' } }, /X-A/],
    [{ headers: { 'X A': 'a' } }, /"X A"/],
    [{ headers: { 'Sec-WebSocket-Accept': 'a' } }, /belongs to the opening handshake/],
    [{ headers: { 'X-A': 1 } }, /X-A/],
    [{ headers: 'X-A: 1' }, /^headers must be an object/],
    [{ subprotocol: 1 }, /^subprotocol must be a string/],
    [{ compression: { windowBits: 16 } }, /^compression\.windowBits must be/],
    [{ compression: 'yes' }, /^compression must be/],
    [{ status: 200 }, /^unknown option status; allowed are headers, subprotocol, compression/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => accept('context', options), { message });
  }
});
