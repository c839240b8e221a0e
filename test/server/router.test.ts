import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Router } from '../../src/server/router.ts';

function routerOf(...patterns: readonly string[]): Router<string> {
  const router = new Router<string>();
  for (const pattern of patterns) router.add(pattern, pattern);
  return router;
}

function found(router: Router<string>, path: string): unknown {
  const match = router.find(path);
  return typeof match === 'object' ? [match.target, { ...match.params }] : match;
}

test('a path of literals matches itself and nothing else', () => {
  const router = routerOf('/', '/chat', '/chat/lobby', '/trailing/');
  assert.deepEqual(found(router, '/'), ['/', {}]);
  assert.deepEqual(found(router, '/chat'), ['/chat', {}]);
  assert.deepEqual(found(router, '/trailing/'), ['/trailing/', {}]);
  for (const path of ['/chat/', '/trailing', '/Chat', '/chat/lobby/x', '//chat', 'chat', '', '*']) {
    assert.equal(router.find(path), undefined, path);
  }
});

test(':name takes one segment that is not empty, decoded once', () => {
  const router = routerOf('/chat/:room', '/chat/:room/users/:user');
  assert.deepEqual(found(router, '/chat/1'), ['/chat/:room', { room: '1' }]);
  assert.deepEqual(found(router, '/chat/a%20b%2fc'), ['/chat/:room', { room: 'a b/c' }]);
  assert.deepEqual(found(router, '/chat/%2541'), ['/chat/:room', { room: '%41' }]);
  assert.deepEqual(found(router, '/chat/%C3%A9/users/x'), [
    '/chat/:room/users/:user',
    { room: 'é', user: 'x' },
  ]);
  assert.equal(router.find('/chat/'), undefined);
  assert.equal(router.find('/chat/1/users'), undefined);
});

test('a bad escape in an open segment is malformed, elsewhere it matches nothing', () => {
  const router = routerOf('/chat/:room', '/files/*');
  for (const path of ['/chat/%', '/chat/%zz', '/chat/%ff', '/files/a/%E0%A4']) {
    assert.equal(router.find(path), 'malformed', path);
  }
  assert.equal(router.find('/%zz/1'), undefined);
});

test('a final * takes the rest of the path, were it empty', () => {
  const router = routerOf('/files/*');
  assert.deepEqual(found(router, '/files/'), ['/files/*', { '*': '' }]);
  assert.deepEqual(found(router, '/files/a/b%20c/'), ['/files/*', { '*': 'a/b c/' }]);
  assert.equal(router.find('/files'), undefined);
  assert.deepEqual(found(routerOf('*'), '/any/thing'), ['*', { '*': 'any/thing' }]);
});

test('a literal goes before a name, a name before *, at every segment', () => {
  const router = routerOf('*', '/a/*', '/a/:x', '/a/b', '/a/:x/c', '/a/b/d', '/:y/b/e');
  assert.deepEqual(found(router, '/a/b'), ['/a/b', {}]);
  assert.deepEqual(found(router, '/a/z'), ['/a/:x', { x: 'z' }]);
  assert.deepEqual(found(router, '/a/b/c'), ['/a/:x/c', { x: 'b' }]);
  assert.deepEqual(found(router, '/a/b/d'), ['/a/b/d', {}]);
  assert.deepEqual(found(router, '/a/b/z'), ['/a/*', { '*': 'b/z' }]);
  assert.deepEqual(found(router, '/q/b/e'), ['/:y/b/e', { y: 'q' }]);
  assert.deepEqual(found(router, '/q'), ['*', { '*': 'q' }]);
});

test('a literal with an escape is the same path with and without it', () => {
  for (const pattern of ['/café', '/caf%C3%A9']) {
    const router = routerOf(pattern);
    assert.deepEqual(found(router, '/caf%C3%A9'), [pattern, {}]);
    assert.deepEqual(found(router, '/caf%c3%a9'), [pattern, {}]);
  }
});

test('names such as __proto__ are values like others', () => {
  const match = routerOf('/:__proto__/:constructor').find('/a/b');
  assert.ok(typeof match === 'object');
  assert.deepEqual(Object.entries(match.params), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
  assert.ok(Object.isFrozen(match.params));
});

test('patterns that cannot be meant are a TypeError that names them', () => {
  const wrong = ['', 'chat', '/a?b', '/a#b', '/:', '/:1', '/:a-b', '/*/a', '/%zz', '/:a/:a'];
  for (const pattern of wrong) {
    assert.throws(
      () => routerOf(pattern),
      { name: 'TypeError', message: /endpoint path/ },
      pattern,
    );
  }
});

test('two patterns for the same paths are a TypeError that names the first', () => {
  for (const [first, second] of [
    ['/a', '/a'],
    ['/:x', '/:y'],
    ['*', '/*'],
    ['/é', '/%C3%A9'],
  ]) {
    assert.throws(() => routerOf(first ?? '', second ?? ''), {
      name: 'TypeError',
      message: new RegExp(`differ from "${first?.replace('*', '\\*')}"`),
    });
  }
});

test('addAll adds all or none', () => {
  const router = routerOf('/b');
  const targets = new Map([
    ['/a', 'a'],
    ['/b', 'b'],
  ]);
  assert.throws(() => router.addAll(targets), TypeError);
  assert.equal(router.find('/a'), undefined);
  assert.deepEqual(found(router, '/b'), ['/b', {}]);
});

test('a removed pattern is gone, its neighbours stay, and it may come again', () => {
  const router = routerOf('/a/:x', '/a/:x/b', '/a/*', '/a');
  router.remove('/a/:x');
  assert.deepEqual(found(router, '/a/1'), ['/a/*', { '*': '1' }]);
  assert.deepEqual(found(router, '/a/1/b'), ['/a/:x/b', { x: '1' }]);
  router.remove('/a/*');
  router.remove('/a');
  router.remove('/a/:x/b');
  router.remove('/never/there');
  router.remove('/:never');
  for (const path of ['/a', '/a/1', '/a/1/b']) assert.equal(router.find(path), undefined);
  router.add('/a/:x', 'again');
  assert.deepEqual(found(router, '/a/1'), ['again', { x: '1' }]);
});
