import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';

import {
  pathOf,
  receivedRequest,
  requestForAuthorize,
  snapshotOf,
} from '../../../src/server/request/request.ts';
import { proxyTrust } from '../../../src/server/request/trust-proxy.ts';

interface Given {
  readonly target?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly peer?: string;
  readonly trustProxy?: boolean | readonly string[];
}

function messageOf({ target = '/', headers = [], peer = '192.0.2.1' }: Given): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: peer });
  const message = new IncomingMessage(socket);
  message.method = 'GET';
  message.url = target;
  message.httpVersion = '1.1';
  message.rawHeaders = [['Host', 'chat.example:8080'] as const, ...headers].flatMap(
    ([name, value]) => [name, value],
  );
  return message;
}

function snapshot(given: Given, params = {}) {
  const trust = proxyTrust(given.trustProxy ?? false);
  const facts = snapshotOf(receivedRequest(messageOf(given)), params, trust);
  assert.ok(facts !== undefined);
  return facts;
}

test('the facts of a request', () => {
  const facts = snapshot(
    {
      target: '/chat/a%20b?x=1&x=2&y=%26',
      headers: [
        ['Cookie', 'a=1; b="two%20words"; a=3'],
        ['Cookie', 'c=%zz; =nameless; alone; __proto__=p'],
        ['Origin', 'https://page.example'],
        ['X-Twice', '1'],
        ['x-twice', '2'],
      ],
    },
    { room: 'a b' },
  );
  assert.equal(facts.method, 'GET');
  assert.equal(facts.path, '/chat/a%20b');
  assert.equal(facts.url.href, 'ws://chat.example:8080/chat/a%20b?x=1&x=2&y=%26');
  assert.deepEqual(facts.query.getAll('x'), ['1', '2']);
  assert.equal(facts.query.get('y'), '&');
  assert.deepEqual(facts.params, { room: 'a b' });
  assert.equal(facts.headers.get('X-TWICE'), '1, 2');
  assert.ok(facts.headers.has('host') && !facts.headers.has('nope'));
  assert.deepEqual([...facts.headers.entries()][1], ['Cookie', 'a=1; b="two%20words"; a=3']);
  assert.equal(facts.origin, 'https://page.example');
  assert.equal(facts.remoteAddress, '192.0.2.1');
  assert.deepEqual(Object.entries(facts.cookies), [
    ['a', '1'],
    ['b', 'two words'],
    ['c', '%zz'],
    ['__proto__', 'p'],
  ]);
  assert.equal(facts.cookies['constructor'], undefined);
  for (const part of [facts, facts.cookies, facts.headers]) assert.ok(Object.isFrozen(part));
});

test('white space around values is no part of them, whoever read them', () => {
  const { headers, malformed } = receivedRequest(messageOf({ headers: [['X-A', '\t a b ']] }));
  assert.equal(headers.get('X-A'), 'a b');
  assert.equal(malformed, false);
});

test('RFC 7230 §3.2: lines that a lenient parser lets pass make a request malformed', () => {
  for (const line of [
    ['X A', '1'],
    ['X-A ', '1'],
    ['X-A', 'a\0b'],
  ] as const) {
    assert.equal(receivedRequest(messageOf({ headers: [line] })).malformed, true, line.join());
  }
});

test('lines that are no text are left out, and that there were any is told', () => {
  const parts: unknown[] = [42, undefined, null, ['a'], Object.create(null), Symbol('s')];
  for (const part of parts) {
    for (const line of [
      ['X-A', part],
      [part, 'a'],
    ] as [string, string][]) {
      const { headers, forged } = receivedRequest(messageOf({ headers: [line, ['X-C', 'c']] }));
      assert.deepEqual(
        [...headers],
        [
          ['Host', 'chat.example:8080'],
          ['X-C', 'c'],
        ],
      );
      assert.equal(forged, true);
    }
  }
  const [odd, good] = [messageOf({}), messageOf({})];
  odd.rawHeaders.push('X-A');
  assert.deepEqual(
    [odd, good].map((message) => receivedRequest(message).forged),
    [true, false],
  );
});

test('without an Origin header there is no origin', () => {
  assert.ok(!('origin' in snapshot({})));
});

test('RFC 7230 §5.4: a target in absolute form counts instead of Host', () => {
  const facts = snapshot({ target: 'http://other.example/a?b=c' });
  assert.equal(facts.url.href, 'ws://other.example/a?b=c');
  assert.equal(facts.path, '/a');
  assert.equal(pathOf('http://other.example?b=c'), '/');
});

test('a path is taken as it was written', () => {
  assert.equal(pathOf('//evil.example/x?y'), '//evil.example/x');
  assert.equal(pathOf('/a/../b'), '/a/../b');
  assert.deepEqual([pathOf('*'), pathOf()], ['', '']);
  assert.equal(snapshot({ target: '//evil.example/x' }).url.host, 'chat.example:8080');
});

test('a host of which no URL can be made gives no facts', () => {
  const request = receivedRequest(messageOf({ target: 'http://a%zz/' }));
  assert.equal(snapshotOf(request, {}, proxyTrust(false)), undefined);
});

const forwarded = [
  ['X-Forwarded-For', '203.0.113.9, 198.51.100.7, 10.0.0.2'],
  ['X-Forwarded-Host', 'public.example'],
  ['X-Forwarded-Proto', 'https'],
] as const;

test('TL-09: what an untrusted peer says about others is ignored', () => {
  for (const trustProxy of [false, ['10.0.0.0/8']]) {
    const facts = snapshot({ headers: forwarded, trustProxy });
    assert.equal(facts.remoteAddress, '192.0.2.1');
    assert.equal(facts.url.href, 'ws://chat.example:8080/');
  }
});

test('TL-09: a trusted proxy names host and scheme, and the client before all trusted proxies', () => {
  const cases: readonly (readonly [boolean | readonly string[], string, string])[] = [
    [true, '10.0.0.1', '10.0.0.2'],
    [['10.0.0.0/8'], '10.0.0.1', '198.51.100.7'],
    [['10.0.0.0/8'], '::ffff:10.0.0.1', '198.51.100.7'],
    [['fd00::/8', '10.0.0.2'], 'fd00::1', '198.51.100.7'],
    [['10.0.0.0/8', '198.51.100.7', '203.0.113.9'], '10.0.0.1', '203.0.113.9'],
  ];
  for (const [trustProxy, peer, client] of cases) {
    const facts = snapshot({ headers: forwarded, peer, trustProxy });
    assert.equal(facts.remoteAddress, client);
    assert.equal(facts.url.href, 'wss://public.example/');
  }
});

test('a trusted proxy that names no address leaves its own', () => {
  const headers = [['X-Forwarded-For', 'unknown']] as const;
  assert.equal(snapshot({ headers, trustProxy: true }).remoteAddress, '192.0.2.1');
  assert.equal(snapshot({ trustProxy: true }).remoteAddress, '192.0.2.1');
});

test('authorize sees the facts and the signal; without TLS there is no certificate', () => {
  const facts = snapshot({});
  const { signal } = new AbortController();
  const request = requestForAuthorize(facts, signal);
  assert.equal(request.signal, signal);
  assert.equal(request.url, facts.url);
  assert.ok(Object.isFrozen(request));
  assert.ok(!('peerCertificate' in request));
  assert.ok(!('signal' in facts));
});
