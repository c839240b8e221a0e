import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HeaderList } from '../../../src/handshake/header-list.ts';
import { Snapshot } from '../../../src/server/request/snapshot.ts';

function snapshot(query = '', headers: readonly (readonly [string, string])[] = []) {
  return new Snapshot({
    method: 'GET',
    path: '/a%20b',
    query,
    base: 'wss://chat.example:8080',
    params: {},
    headers: new HeaderList(headers),
    remoteAddress: undefined,
    peerCertificate: undefined,
  });
}

test('url, query and cookies are made once, when they are asked for', () => {
  const facts = snapshot('x=1&y=%26', [['Cookie', 'a=1']]);
  assert.equal(facts.url.href, 'wss://chat.example:8080/a%20b?x=1&y=%26');
  assert.deepEqual([...facts.query], [...facts.url.searchParams]);
  assert.deepEqual({ ...facts.cookies }, { a: '1' });
  assert.deepEqual(
    [facts.url === facts.url, facts.query === facts.query, facts.cookies === facts.cookies],
    [true, true, true],
  );
});

test('a target without a query gives a URL without one', () => {
  assert.equal(snapshot().url.href, 'wss://chat.example:8080/a%20b');
  assert.equal(snapshot().query.size, 0);
});

test('it is frozen, and has an origin and a certificate only when there is one', () => {
  const facts = snapshot();
  assert.ok(Object.isFrozen(facts) && Object.isFrozen(facts.cookies));
  assert.deepEqual(['origin' in facts, 'peerCertificate' in facts], [false, false]);
  assert.equal(snapshot('', [['Origin', 'https://page.example']]).origin, 'https://page.example');
});
