import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Header } from '../../src/handshake/decision.ts';
import { HeaderList } from '../../src/handshake/header-list.ts';
import type { RequestHead } from '../../src/handshake/http-head.ts';
import {
  describeOriginRefusal,
  isAllowedOrigin,
  isAuthority,
  judgeOrigin,
  parseAuthority,
  requestedHost,
} from '../../src/handshake/origin.ts';

function requestOf(origin: string | undefined, host: string, ...more: Header[]): RequestHead {
  const headers: Header[] = [['Host', host], ...more];
  if (origin !== undefined) headers.push(['Origin', origin]);
  return { method: 'GET', target: '/', httpVersion: '1.1', headers };
}

describe('RFC 3986 §3.2: authorities', () => {
  test('a host, in small letters, and a port', () => {
    const port = undefined;
    assert.deepEqual(parseAuthority('Example.com'), { host: 'example.com', port });
    assert.deepEqual(parseAuthority('example.com:8080'), { host: 'example.com', port: 8080 });
    assert.deepEqual(parseAuthority('127.0.0.1:0'), { host: '127.0.0.1', port: 0 });
    assert.deepEqual(parseAuthority('[::1]:65535'), { host: '[::1]', port: 65_535 });
    assert.deepEqual(parseAuthority('[2001:DB8::1]'), { host: '[2001:db8::1]', port });
    assert.deepEqual(parseAuthority('example.com:'), { host: 'example.com', port });
    assert.deepEqual(parseAuthority('a_b-c%20d'), { host: 'a_b-c%20d', port });
  });

  test('what is one is told without reading it', () => {
    const good = ['a', 'a:', 'a:8080', '127.0.0.1:59999', 'a:60000', 'a:65535', '[::1]:1', 'a%20b'];
    for (const text of good) assert.ok(isAuthority(text), text);
    const bad = ['', ':1', 'a b', 'a:65536', 'a:99999', 'a:123456', 'a:1:2', '[g]', 'a\n'];
    for (const text of [...bad, '@', 'é', '/:80', 'a:1abcd', 'a:x']) {
      assert.ok(!isAuthority(text), JSON.stringify(text));
    }
  });

  test('F085: C-38: user-info and all else is refused', () => {
    const bad = [
      '',
      ':80',
      'user@host',
      'user:pw@host',
      'a b',
      'a/b',
      'a:b',
      'a:65536',
      'a:123456',
    ];
    for (const text of [...bad, '[::1', '::1', '[g]', 'a?b', 'a#b', 'a,b c', 'é', 'a:1:2', 'a\n']) {
      assert.equal(parseAuthority(text), undefined, JSON.stringify(text));
    }
  });
});

describe("F088: RFC 6455 §10.2: origins 'same'", () => {
  const same = (origin: string | undefined, host: string): boolean =>
    isAllowedOrigin(requestOf(origin, host), 'same', false);

  test('the same host and port, whatever the scheme of the server', () => {
    assert.equal(same('http://example.com', 'example.com'), true);
    assert.equal(same('https://example.com', 'example.com'), true);
    assert.equal(same('HTTP://EXAMPLE.com', 'Example.COM'), true);
    assert.equal(same('http://example.com:8080', 'example.com:8080'), true);
    assert.equal(same('http://[::1]:3000', '[::1]:3000'), true);
  });

  test("a missing port is the default of the origin's scheme", () => {
    assert.equal(same('http://example.com', 'example.com:80'), true);
    assert.equal(same('http://example.com:80', 'example.com'), true);
    assert.equal(same('https://example.com', 'example.com:443'), true);
    assert.equal(same('https://example.com:443', 'example.com'), true);
    assert.equal(same('wss://example.com', 'example.com:443'), true);
    assert.equal(same('ws://example.com', 'example.com:80'), true);
    assert.equal(same('https://example.com', 'example.com:80'), false);
    assert.equal(same('http://example.com', 'example.com:8080'), false);
    assert.equal(same('http://example.com:8080', 'example.com'), false);
  });

  test('HS-21: other hosts, null and what is no origin never match', () => {
    for (const origin of [
      'http://evil.example',
      'http://example.com.evil.example',
      'http://sub.example.com',
      'null',
      '',
      'example.com',
      'http://example.com/',
      'http://user@example.com',
      'http://example.com, http://example.com',
      'file://',
      'chrome-extension://example.com',
    ]) {
      assert.equal(same(origin, 'example.com'), false, origin);
    }
    assert.equal(same('null', 'null'), false);
    assert.equal(same('http://a', 'not a host'), false);
  });

  test('no Origin header passes: it is no browser', () => {
    assert.equal(same(undefined, 'example.com'), true);
  });

  test('two Origin headers match nothing', () => {
    const twice = requestOf('http://example.com', 'example.com', ['Origin', 'http://example.com']);
    assert.equal(isAllowedOrigin(twice, 'same', false), false);
  });
});

describe('X-Forwarded-Host', () => {
  const forwarded = requestOf('https://example.com', 'internal:3000', [
    'X-Forwarded-Host',
    'example.com , proxy.example',
  ]);

  test('counts only when a proxy is trusted', () => {
    assert.equal(isAllowedOrigin(forwarded, 'same', true), true);
    assert.equal(isAllowedOrigin(forwarded, 'same', false), false);
    const direct = requestOf('http://internal:3000', 'internal:3000');
    assert.equal(isAllowedOrigin(direct, 'same', true), true);
  });

  test('the first of a list is what the client asked for', () => {
    const headers = new HeaderList(forwarded.headers);
    assert.equal(requestedHost(headers, true), 'example.com');
    assert.equal(requestedHost(headers, false), 'internal:3000');
    assert.equal(requestedHost(new HeaderList(), true), '');
  });
});

describe('origins of a list, any, and by a function', () => {
  const allowed = (origin: string, ...list: (string | RegExp)[]): boolean =>
    isAllowedOrigin(requestOf(origin, 'h'), list, false);

  test('HS-21: texts are compared as origins', () => {
    assert.equal(allowed('http://evil.example', 'http://evil.example'), true);
    assert.equal(allowed('https://A.example', 'HTTPS://a.example:443'), true);
    assert.equal(allowed('https://a.example', 'http://a.example'), false);
    assert.equal(allowed('https://a.example:8443', 'https://a.example'), false);
    assert.equal(allowed('app://a', 'app://a'), true);
    assert.equal(allowed('odd', 'odd'), true);
    assert.equal(allowed('odd', 'even'), false);
    assert.equal(allowed('http://a@b', 'http://c@d'), false);
    assert.equal(allowed('https://a.example'), false);
  });

  test('patterns are tried on the text, again and again alike', () => {
    const pattern = /^https:\/\/[a-z]+\.example$/g;
    for (let round = 0; round < 3; round++) {
      assert.equal(allowed('https://a.example', 'http://b', pattern), true);
    }
    assert.equal(allowed('https://a.example.evil', pattern), false);
  });

  test('null is in no list', () => {
    assert.equal(allowed('null', 'null', /./), false);
  });

  test("'any' takes everybody", () => {
    for (const origin of ['null', 'http://evil.example', '']) {
      assert.equal(isAllowedOrigin(requestOf(origin, 'h'), 'any', false), true);
    }
  });

  test('a function sees the origin and the request; only true is yes', () => {
    const request = requestOf('http://a', 'h');
    const asked: unknown[] = [];
    const by = (answer: unknown): boolean =>
      isAllowedOrigin(
        request,
        (...given) => {
          asked.push(given);
          return answer as boolean;
        },
        false,
      );
    assert.equal(by(true), true);
    assert.equal(by(false), false);
    assert.equal(by(Promise.resolve(true)), false);
    assert.deepEqual(asked[0], ['http://a', request]);
  });
});

test('F088: RFC 6455 §10.2: an origin that is not allowed is refused with 403, another one is not', () => {
  assert.equal(judgeOrigin(requestOf('http://h', 'h'), 'same', false), undefined);
  const refused = judgeOrigin(requestOf('http://a', 'h'), 'same', false);
  assert.deepEqual([refused?.status, refused?.refusal], [403, 'ORIGIN']);
  assert.match(refused?.body ?? '', /^origin http:\/\/a .* host h:/);
  assert.match(judgeOrigin(requestOf('http://a', 'h'), [], true)?.body ?? '', /^origin/);
});

test('a refusal names the origin, the host and the option, and nothing that is not printable', () => {
  const request = requestOf('http://evil.example/\x9b2J', 'internal', [
    'X-Forwarded-Host',
    'h\xe9',
  ]);
  assert.equal(
    describeOriginRefusal(request, false),
    'origin http://evil.example/?2J is not allowed for host internal: see the option origins\n',
  );
  assert.match(describeOriginRefusal(request, true), /for host h\?:/);
  const long = requestOf('x'.repeat(8_000), 'h');
  assert.ok(describeOriginRefusal(long, false).length < 500);
  assert.match(describeOriginRefusal(requestOf(undefined, 'h'), false), /^origin {2}is/);
});
