import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import type { Decision, Header } from '../../src/handshake/decision.ts';
import type { Refusal } from '../../src/handshake/errors.ts';
import { HeaderList } from '../../src/handshake/header-list.ts';
import { HeadParser, type RequestHead, requestLine } from '../../src/handshake/http-head.ts';
import {
  checkSubprotocols,
  judgeReadRequest,
  judgeRequest,
  parseTarget,
  requestHead,
  type RequestRules,
} from '../../src/handshake/request.ts';

const deflate = {
  windowBits: 12,
  peerWindowBits: 12,
  contextTakeover: false,
  peerContextTakeover: false,
};

const base: Readonly<Record<string, string | readonly string[]>> = {
  Host: '127.0.0.1:8080',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

type Changes = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The base request with headers changed, repeated or left out. */
function requestWith(changes: Changes = {}, parts: Partial<RequestHead> = {}): RequestHead {
  const headers: Header[] = [];
  for (const [name, value] of Object.entries({ ...base, ...changes })) {
    for (const one of [value ?? []].flat()) headers.push([name, one]);
  }
  return { method: 'GET', target: '/chat', httpVersion: '1.1', headers, ...parts };
}

function refusalOf(decision: Decision): [number, Refusal] | 'accepted' {
  return decision.accepted ? 'accepted' : [decision.status, decision.refusal];
}

const judge = (changes: Changes, rules: RequestRules = {}): ReturnType<typeof refusalOf> =>
  refusalOf(judgeRequest(requestWith(changes), rules));

const judgeParts = (parts: Partial<RequestHead>): ReturnType<typeof refusalOf> =>
  refusalOf(judgeRequest(requestWith({}, parts)));

describe('RFC 6455 §4.2.2: accepted requests', () => {
  test('C-08: F080: the 101 has Upgrade, Connection and the proof', () => {
    assert.deepEqual(judgeRequest(requestWith()), {
      accepted: true,
      headers: [
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
        ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
      ],
      subprotocol: undefined,
      extensions: '',
      deflate: undefined,
    });
  });

  test('F081: Connection is a list of tokens', () => {
    assert.equal(judge({ Connection: 'keep-alive, Upgrade' }), 'accepted');
    assert.equal(judge({ Connection: ['keep-alive', 'upgrade'] }), 'accepted');
  });

  test('F082: HS-07: Upgrade has no case', () => {
    assert.equal(judge({ Upgrade: 'WebSocket' }), 'accepted');
    assert.equal(judge({ Upgrade: ' WEBSOCKET\t' }), 'accepted');
  });

  test('C-61: F118: the first subprotocol of the client that the server has', () => {
    const chosen = (list: string | readonly string[]): string | undefined => {
      const rules = { subprotocols: ['chat', 'superchat'] };
      const decision = judgeRequest(requestWith({ 'Sec-WebSocket-Protocol': list }), rules);
      assert.ok(decision.accepted);
      return decision.subprotocol;
    };
    assert.equal(chosen('chat, superchat'), 'chat');
    assert.equal(chosen('superchat,chat'), 'superchat');
    assert.equal(chosen(['foo', 'chat']), 'chat');
    assert.equal(chosen('foo'), undefined);
    assert.equal(chosen([]), undefined);
  });

  test('RFC 7692 §7: deflate when it is on, and not else', () => {
    const request = requestWith({ 'Sec-WebSocket-Extensions': ['foo', 'permessage-deflate'] });
    const on = judgeRequest(request, { compression: deflate });
    assert.ok(on.accepted);
    assert.match(on.extensions, /^permessage-deflate; server_no_context_takeover/);
    assert.deepEqual(on.headers.at(-1), ['Sec-WebSocket-Extensions', on.extensions]);
    assert.deepEqual(on.deflate, { ...deflate, peerWindowBits: 15 });
    const off = judgeRequest(request, { compression: false });
    assert.ok(off.accepted);
    assert.equal(off.extensions, '');
    assert.equal(off.deflate, undefined);
    assert.deepEqual(judgeRequest(request), off);
  });

  test('HS-19: CP-11: strange and bad offers are passed over', () => {
    const offers = [
      'constructor; __proto__=1, toString',
      'permessage-deflate; server_max_window_bits=""',
      'permessage-deflate; server_max_window_bits=',
      'permessage-deflate; server_max_window_bits=010',
    ];
    for (const offer of offers) {
      const request = requestWith({ 'Sec-WebSocket-Extensions': offer });
      const decision = judgeRequest(request, { compression: deflate });
      assert.ok(decision.accepted, offer);
      assert.equal(decision.extensions, '');
    }
  });

  test('what has no body may say so', () => {
    assert.equal(judge({ 'Content-Length': '0' }), 'accepted');
  });
});

describe('F085: C-38: RFC 6455 §4.1: refused requests', () => {
  test('HS-11: another method is 405 and GET allowed; HEAD gets no body', () => {
    for (const method of ['POST', 'HEAD', 'XXX', 'get', 'CONNECT']) {
      const decision = judgeRequest(requestWith({}, { method }));
      assert.deepEqual(refusalOf(decision), [405, 'METHOD_NOT_GET']);
      assert.ok(!decision.accepted);
      assert.deepEqual(decision.headers, [['Allow', 'GET']]);
      assert.equal(decision.body === '', method === 'HEAD');
    }
    assert.deepEqual(judgeParts({ method: 'G T' }), [400, 'MALFORMED_REQUEST']);
  });

  test('HS-01: another version of HTTP is 400', () => {
    for (const httpVersion of ['1.0', '0.9', '2.0', '1.10', '', 'a.1', '11']) {
      assert.deepEqual(judgeParts({ httpVersion }), [400, 'HTTP_VERSION'], httpVersion);
    }
  });

  test('no Host, two, an empty one, one with user-info: 400', () => {
    assert.deepEqual(judge({ Host: undefined }), [400, 'HOST_MISSING']);
    assert.deepEqual(judge({ Host: ['a', 'a'] }), [400, 'HOST_INVALID']);
    for (const host of ['', 'user@host', 'user:pw@host:80', 'a b', 'a:99999', 'http://a']) {
      assert.deepEqual(judge({ Host: host }), [400, 'HOST_INVALID'], host);
    }
  });

  test('HS-09: HS-11: a body, or the wish for a 100, is 400', () => {
    assert.deepEqual(judge({ 'Content-Length': '8' }), [400, 'REQUEST_BODY']);
    assert.deepEqual(judge({ 'Content-Length': ['0', '8'] }), [400, 'REQUEST_BODY']);
    assert.deepEqual(judge({ 'Content-Length': '' }), [400, 'REQUEST_BODY']);
    assert.deepEqual(judge({ 'Transfer-Encoding': 'chunked' }), [400, 'REQUEST_BODY']);
    assert.deepEqual(judge({ Expect: '100-continue' }), [400, 'EXPECTATION']);
  });

  test('RFC 7230 §5.3: a target that is none is 400', () => {
    for (const target of ['.', '', '*', 'chat', '/a b', '/a\0', '/é', '/a#b', 'ws://a/']) {
      assert.deepEqual(judgeParts({ target }), [400, 'TARGET_INVALID'], target);
    }
    for (const target of ['/', '/a?b=c?d', '//a', 'http://a/b', 'HTTPS://a:1?b', '/a%zz']) {
      assert.equal(judgeParts({ target }), 'accepted', target);
    }
  });

  test('RFC 7230 §3.2: headers that cannot be are 400', () => {
    assert.deepEqual(judge({ 'X A': 'b' }), [400, 'MALFORMED_REQUEST']);
    assert.deepEqual(judge({ 'X-A': 'b\r\nC: d' }), [400, 'MALFORMED_REQUEST']);
    assert.deepEqual(judge({ 'X-A': '\u0100' }), [400, 'MALFORMED_REQUEST']);
  });
});

describe('RFC 6455 §4.2.1: what makes it a WebSocket request', () => {
  test('F087: C-73: without Upgrade it is none: 426 that says what to upgrade to', () => {
    const decision = judgeRequest(requestWith({ Upgrade: undefined, Connection: undefined }));
    assert.deepEqual(refusalOf(decision), [426, 'UPGRADE_REQUIRED']);
    assert.ok(!decision.accepted);
    assert.deepEqual(decision.headers[0], ['Upgrade', 'websocket']);
    assert.equal(decision.body, 'this is not a WebSocket request (RFC 6455 §4.2.1)\n');
  });

  test('C-38: HS-07: another Upgrade, several, or no token in Connection: 400', () => {
    for (const upgrade of [
      'wabsocket',
      'websocket,ftp',
      'websocket, h2c',
      'h2c',
      '',
      'websocket/13',
    ]) {
      assert.deepEqual(judge({ Upgrade: upgrade }), [400, 'UPGRADE_INVALID'], upgrade);
    }
    assert.deepEqual(judge({ Upgrade: ['websocket', 'websocket'] }), [400, 'UPGRADE_INVALID']);
    for (const connection of ['xxxxxxx', 'keep-alive', '', 'upgrade x']) {
      assert.deepEqual(judge({ Connection: connection }), [400, 'CONNECTION_INVALID'], connection);
    }
    assert.deepEqual(judge({ Connection: undefined }), [400, 'CONNECTION_INVALID']);
  });

  test('HS-04: C-40: F083: every version but exactly 13 is 426 and names 13', () => {
    const versions = ['0xd', '13.0', '1.3e1', '+13', '13 13', '8', '013', '', '4, 5, 6, 7, 8, 13'];
    for (const version of [...versions, ['13', '13'], ['8', '13']]) {
      const decision = judgeRequest(requestWith({ 'Sec-WebSocket-Version': version }));
      assert.deepEqual(refusalOf(decision), [426, 'VERSION_UNSUPPORTED'], String(version));
      assert.ok(!decision.accepted);
      assert.deepEqual(decision.headers.at(-1), ['Sec-WebSocket-Version', '13']);
    }
    assert.equal(judge({ 'Sec-WebSocket-Version': ' \t13 ' }), 'accepted');
    const missing = judgeRequest(requestWith({ 'Sec-WebSocket-Version': undefined }));
    assert.deepEqual(refusalOf(missing), [426, 'VERSION_MISSING']);
    assert.ok(!missing.accepted);
    assert.deepEqual(missing.headers.at(-1), ['Sec-WebSocket-Version', '13']);
  });

  test('HS-06: F084: a key that is missing, repeated or not of 16 bytes is 400', () => {
    const key = base['Sec-WebSocket-Key'] as string;
    assert.deepEqual(judge({ 'Sec-WebSocket-Key': undefined }), [400, 'KEY_MISSING']);
    const bad = [[key, key], '', 'AVDFBDDFF', `${key.slice(0, 5)}!${key.slice(6)}`];
    for (const size of [15, 17]) bad.push(Buffer.alloc(size).toString('base64'));
    for (const value of bad) {
      assert.deepEqual(judge({ 'Sec-WebSocket-Key': value }), [400, 'KEY_INVALID'], String(value));
    }
  });
});

describe('RFC 6455 §11.3: lists', () => {
  test('F121: subprotocols that are no tokens, or twice the same, are 400', () => {
    for (const list of ['', ',', 'a b', 'a;b', '"a"', 'a, b, a']) {
      const refused = judge({ 'Sec-WebSocket-Protocol': list });
      assert.deepEqual(refused, [400, 'SUBPROTOCOLS_INVALID'], list);
    }
    const twice = judge({ 'Sec-WebSocket-Protocol': ['a', 'a'] });
    assert.deepEqual(twice, [400, 'SUBPROTOCOLS_INVALID']);
  });

  test('F119: none in common is refused where one is required', () => {
    const rules = { subprotocols: ['chat'], requireSubprotocol: true };
    assert.deepEqual(judge({}, rules), [400, 'SUBPROTOCOL_REQUIRED']);
    assert.deepEqual(judge({ 'Sec-WebSocket-Protocol': 'foo' }, rules), [
      400,
      'SUBPROTOCOL_REQUIRED',
    ]);
    assert.equal(judge({ 'Sec-WebSocket-Protocol': 'chat' }, rules), 'accepted');
    assert.deepEqual(judge({}, { requireSubprotocol: true }), [400, 'SUBPROTOCOL_REQUIRED']);
  });

  test('§9.1: extensions that are no list are 400', () => {
    for (const list of ['', ';', 'a b', 'a; "b"', 'a; b="c']) {
      const refused = judge({ 'Sec-WebSocket-Extensions': list });
      assert.deepEqual(refused, [400, 'EXTENSIONS_INVALID'], list);
    }
  });
});

describe('C-41: F088: RFC 6455 §10.2: origins', () => {
  test('HS-21: another origin is 403 and names what to do, unless it is allowed', () => {
    const decision = judgeRequest(requestWith({ Origin: 'http://evil.example' }));
    assert.deepEqual(refusalOf(decision), [403, 'ORIGIN']);
    assert.ok(!decision.accepted);
    assert.match(decision.body, /http:\/\/evil\.example .* 127\.0\.0\.1:8080: .* origins/);
    const origins = ['http://evil.example'];
    assert.equal(judge({ Origin: 'http://evil.example' }, { origins }), 'accepted');
    assert.equal(judge({ Origin: 'http://evil.example' }, { origins: 'any' }), 'accepted');
    assert.deepEqual(judge({ Origin: 'http://a' }, { origins: () => false }), [403, 'ORIGIN']);
    assert.equal(judge({}), 'accepted');
  });

  test('a request that is refused anyway is not judged by its origin', () => {
    const elsewhere = { Origin: 'http://evil.example', 'Sec-WebSocket-Key': undefined };
    assert.deepEqual(judge(elsewhere), judge({ 'Sec-WebSocket-Key': undefined }));
    const origins = () => assert.fail('nobody asks the application');
    assert.deepEqual(judge(elsewhere, { origins }), judge({ 'Sec-WebSocket-Key': undefined }));
  });

  test('behind a proxy that is trusted, what it was asked for counts', () => {
    const behind = { Origin: 'https://a.example', 'X-Forwarded-Host': 'a.example' };
    assert.equal(judge(behind, { trustProxy: true }), 'accepted');
    assert.deepEqual(judge(behind), [403, 'ORIGIN']);
  });
});

describe('a request that a parser read', () => {
  const cases: readonly Changes[] = [
    {},
    { Host: undefined },
    { Host: ['a', 'b'] },
    { Host: 'a, b' },
    { Upgrade: undefined },
    { Connection: 'close' },
    { 'Sec-WebSocket-Version': '12' },
    { 'Sec-WebSocket-Key': 'short' },
    { 'Sec-WebSocket-Protocol': 'a, b' },
    { 'Sec-WebSocket-Protocol': 'a, a' },
    { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
    { 'Content-Length': '8' },
    { Expect: '100-continue' },
    { 'X-A': 'a'.repeat(8_190) },
  ];

  test('like any other it is judged, but for its origin', () => {
    for (const rules of [{}, { subprotocols: ['b'], compression: deflate }] as RequestRules[]) {
      for (const changes of cases) {
        const request = requestWith(changes);
        assert.deepEqual(
          judgeReadRequest(request, new HeaderList(request.headers), rules),
          judgeRequest(request, rules),
          JSON.stringify(changes),
        );
      }
    }
    const stranger = requestWith({ Origin: 'http://evil.example' });
    assert.ok(judgeReadRequest(stranger, new HeaderList(stranger.headers), {}).accepted);
  });

  test('RFC 7230 §3.2: with a malformed line it is refused, by its size before that', () => {
    const refusalWith = (changes: Changes) => {
      const request = requestWith(changes);
      return refusalOf(judgeReadRequest(request, new HeaderList(request.headers), {}, true));
    };
    assert.deepEqual(refusalWith({}), [400, 'MALFORMED_REQUEST']);
    assert.deepEqual(refusalWith({ 'X-A': 'a'.repeat(8_190) }), [431, 'HEAD_TOO_LARGE']);
  });
});

describe('F086: limits', () => {
  test('a line of 8 192 bytes passes, one more is 431', () => {
    assert.equal(judge({ 'X-A': 'a'.repeat(8_187) }), 'accepted');
    assert.deepEqual(judge({ 'X-A': 'a'.repeat(8_188) }), [431, 'HEAD_TOO_LARGE']);
  });

  test('HS-15: 100 lines pass, one more is 431', () => {
    assert.equal(judge({ A: Array.from({ length: 95 }, () => '') }), 'accepted');
    assert.deepEqual(judge({ A: Array.from({ length: 96 }, () => '') }), [431, 'HEAD_TOO_LARGE']);
  });

  test('HS-13: 16 KiB pass, one byte more is 431, be it spread over many lines', () => {
    const lines = Array.from({ length: 90 }, () => 'a'.repeat(175));
    assert.deepEqual(judge({ 'X-A': lines }), [431, 'HEAD_TOO_LARGE']);
    const sizeOf = (head: RequestHead): number =>
      `GET ${head.target} HTTP/1.1\r\n\r\n`.length +
      head.headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
    const room = 16_384 - sizeOf(requestWith({ 'X-A': 'a'.repeat(8_100), 'X-B': '' }));
    const fits = requestWith({ 'X-A': 'a'.repeat(8_100), 'X-B': 'a'.repeat(room) });
    assert.equal(refusalOf(judgeRequest(fits)), 'accepted');
    const over = requestWith({ 'X-A': 'a'.repeat(8_100), 'X-B': 'a'.repeat(room + 1) });
    assert.deepEqual(refusalOf(judgeRequest(over)), [431, 'HEAD_TOO_LARGE']);
  });

  test('a target of 8 KiB passes, one more byte is 414', () => {
    assert.equal(judgeParts({ target: `/${'a'.repeat(8_191)}` }), 'accepted');
    assert.deepEqual(judgeParts({ target: `/${'a'.repeat(8_192)}` }), [414, 'TARGET_TOO_LONG']);
  });

  test('limits can be others', () => {
    const limits = { headSize: 1_000, lineSize: 100, lines: 5, targetSize: 10 };
    assert.equal(judge({}, { limits }), 'accepted');
    assert.deepEqual(judge({ 'X-A': 'b' }, { limits }), [431, 'HEAD_TOO_LARGE']);
  });
});

describe('RFC 7230 §5.3: targets', () => {
  test('path, query and authority', () => {
    const authority = undefined;
    assert.deepEqual(parseTarget('/a/b%20c?d=e?f'), {
      path: '/a/b%20c',
      query: 'd=e?f',
      authority,
    });
    assert.deepEqual(parseTarget('/'), { path: '/', query: '', authority });
    assert.deepEqual(parseTarget('http://a:1'), { path: '/', query: '', authority: 'a:1' });
    assert.deepEqual(parseTarget('https://a/b?c'), { path: '/b', query: 'c', authority: 'a' });
    assert.equal(parseTarget('http://u@a/'), undefined);
    assert.deepEqual(parseTarget('/a?'), { path: '/a', query: '', authority });
    assert.deepEqual(parseTarget('//a/%zz:@'), { path: '//a/%zz:@', query: '', authority });
    for (const target of ['?a', '', 'a', '/a#b', '/#', '/a b', '/\u00e4', '/a\n']) {
      assert.equal(parseTarget(target), undefined, JSON.stringify(target));
    }
  });
});

describe('RFC 6455 §4.1: what a client sends', () => {
  const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

  test('F111: C-60: the whole head', () => {
    const { bytes, key, subprotocols, extensions } = requestHead({
      target: '/chat?a=b',
      host: 'example.com:81',
      key: 'dGhlIHNhbXBsZSBub25jZQ==',
      subprotocols: ['chat', 'superchat'],
      compression: deflate,
      origin: 'http://example.com',
      headers: [['X-Custom-Header', 'A custom header']],
    });
    assert.deepEqual(textOf(bytes).split('\r\n'), [
      'GET /chat?a=b HTTP/1.1',
      'Host: example.com:81',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: chat, superchat',
      `Sec-WebSocket-Extensions: ${extensions}`,
      'Origin: http://example.com',
      'X-Custom-Header: A custom header',
      '',
      '',
    ]);
    assert.equal(key, 'dGhlIHNhbXBsZSBub25jZQ==');
    assert.deepEqual(subprotocols, ['chat', 'superchat']);
    assert.match(extensions ?? '', /^permessage-deflate; /);
  });

  test('a plain one has no Origin, a new key each time, and is accepted by a server', () => {
    const first = requestHead({ target: '/', host: 'a' });
    const second = requestHead({ target: '/', host: 'a' });
    assert.notEqual(first.key, second.key);
    const result = new HeadParser(requestLine).receive(first.bytes);
    assert.ok(result !== undefined && 'head' in result);
    assert.deepEqual(result.head.headers, first.headers);
    assert.equal(refusalOf(judgeRequest(result.head)), 'accepted');
    assert.equal(first.headers.length, 5);
    assert.equal(first.extensions, '');
  });

  test('Host may be another, but not two', () => {
    const { headers } = requestHead({ target: '/', host: 'a', headers: [['host', 'b']] });
    assert.deepEqual(
      headers.filter(([name]) => name.toLowerCase() === 'host'),
      [['host', 'b']],
    );
  });

  test('F112: C-60: what would break the head is a TypeError', () => {
    const parts = { target: '/', host: 'a' };
    for (const target of ['/\r\nX: y', '/ HTTP/1.1']) {
      assert.throws(
        () => requestHead({ ...parts, target }),
        /^TypeError: the target is not valid$/,
      );
    }
    assert.throws(() => requestHead({ ...parts, host: 'a\r\nX: y' }), TypeError);
    assert.throws(() => requestHead({ ...parts, origin: 'a\r\nb' }), TypeError);
    assert.throws(() => requestHead({ ...parts, headers: [['A', 'b\r\n']] }), TypeError);
    assert.throws(() => requestHead({ ...parts, headers: [['Upgrade', 'x']] }), /Upgrade/);
  });

  test('F121: subprotocols are different tokens', () => {
    const check = (names: string[]) => checkSubprotocols(names, 'offers');
    check([]);
    check(['chat', 'Chat', 'v1.chat']);
    for (const bad of [[''], ['a b'], ['a,b'], ['é'], ['a\r\n'], [5], [undefined]]) {
      assert.throws(() => check(bad as string[]), /^TypeError: offers must be/);
    }
    assert.throws(() => check(['a', 'b', 'a']), /^TypeError: offers must differ/);
    assert.throws(
      () => requestHead({ target: '/', host: 'a', subprotocols: ['a b'] }),
      /^TypeError: subprotocols must be tokens/,
    );
  });
});

describe('properties', () => {
  const names = [...Object.keys(base), 'Origin', 'Sec-WebSocket-Protocol', 'X-Forwarded-Host'];
  const name = fc.oneof(fc.constantFrom(...names, 'Sec-WebSocket-Extensions'), fc.string());
  const value = fc.oneof(fc.constantFrom(...Object.values(base).flat()), fc.string());
  const head = fc.record({
    method: fc.oneof(fc.constant('GET'), fc.string()),
    target: fc.oneof(fc.constant('/'), fc.string()),
    httpVersion: fc.oneof(fc.constant('1.1'), fc.string()),
    headers: fc.array(fc.tuple(name, value), { maxLength: 12 }),
  });

  test('no request makes judgeRequest throw', () => {
    fc.assert(
      fc.property(head, ({ headers, ...rest }) => {
        const decision = judgeRequest({ ...rest, headers });
        assert.equal(typeof decision.accepted, 'boolean');
        const more = judgeRequest(
          requestWith({}, { headers: [...requestWith().headers, ...headers] }),
          {
            compression: deflate,
            subprotocols: ['chat'],
            trustProxy: true,
          },
        );
        assert.equal(typeof more.accepted, 'boolean');
      }),
    );
  });
});
