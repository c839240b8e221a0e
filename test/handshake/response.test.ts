import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { acceptKey } from '../../src/handshake/accept-key.ts';
import { type Accepted, type Decision, type Header, refuse } from '../../src/handshake/decision.ts';
import type { Refusal } from '../../src/handshake/errors.ts';
import { HeaderList } from '../../src/handshake/header-list.ts';
import { HeadParser, statusLine } from '../../src/handshake/http-head.ts';
import {
  accept,
  amendAcceptance,
  type Expected,
  formatResponse,
  judgeResponse,
  offeredExtensions,
  offeredSubprotocols,
  refusalHeaders,
} from '../../src/handshake/response.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const deflate = {
  windowBits: 12,
  peerWindowBits: 12,
  contextTakeover: false,
  peerContextTakeover: false,
};

const good: readonly Header[] = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
];

/** A good answer with headers replaced, or left out when the value is undefined. */
function answerWith(changes: Readonly<Record<string, string | undefined>> = {}): Header[] {
  const headers = good.filter(([name]) => !(name in changes));
  for (const [name, value] of Object.entries(changes)) {
    if (value !== undefined) headers.push([name, value]);
  }
  return headers;
}

function refusalOf(decision: Decision): Refusal | 'accepted' {
  return decision.accepted ? 'accepted' : decision.refusal;
}

function judge(
  headers: readonly Header[],
  expected: Partial<Expected> = {},
  statusCode = 101,
): Refusal | 'accepted' {
  return refusalOf(judgeResponse({ statusCode, headers }, { key, ...expected }));
}

describe('RFC 6455 §4.1: a server that accepts', () => {
  test('the decision tells what was negotiated', () => {
    const headers = answerWith({
      'Sec-WebSocket-Protocol': 'chat',
      'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=10',
    });
    const expected = { key, subprotocols: ['chat'], extensions: 'permessage-deflate' };
    assert.deepEqual(judgeResponse({ statusCode: 101, headers }, expected), {
      accepted: true,
      headers,
      subprotocol: 'chat',
      extensions: 'permessage-deflate; server_max_window_bits=10',
      deflate: {
        windowBits: 15,
        peerWindowBits: 10,
        contextTakeover: true,
        peerContextTakeover: true,
      },
    });
    assert.deepEqual(judgeResponse({ statusCode: 101, headers: good }, { key }), {
      accepted: true,
      headers: good,
      subprotocol: undefined,
      extensions: '',
      deflate: undefined,
    });
  });

  test('names and Upgrade have no case, Connection is a list', () => {
    assert.equal(judge(answerWith({ Upgrade: 'WebSocket', Connection: 'x, UPGRADE' })), 'accepted');
    assert.equal(judge(good.map(([name, value]) => [name.toUpperCase(), value])), 'accepted');
  });

  test('MS-03: white space around the proof does not count', () => {
    const proof = `\t${acceptKey(key)} `;
    assert.equal(judge(answerWith({ 'Sec-WebSocket-Accept': proof })), 'accepted');
  });
});

describe('C-54: F107: RFC 6455 §4.1: a server that does not', () => {
  test('another status', () => {
    assert.equal(judge(good, {}, 200), 'STATUS_NOT_101');
    assert.equal(judge(good, {}, 302), 'STATUS_NOT_101');
    assert.equal(judge(good, {}, 100), 'STATUS_NOT_101');
    assert.equal(judge([], {}, 401), 'STATUS_UNAUTHORIZED');
    assert.equal(judge([], {}, 403), 'STATUS_UNAUTHORIZED');
    assert.equal(judge([], {}, 426), 'STATUS_NOT_101');
  });

  test('§4.2.2: a 101 in another HTTP than 1.1 and its successors', () => {
    const judgeVersion = (httpVersion: string, statusCode = 101) =>
      refusalOf(judgeResponse({ statusCode, httpVersion, headers: good }, { key }));
    assert.equal(judgeVersion('1.0'), 'ANSWER_HTTP_VERSION');
    assert.equal(judgeVersion('2.0'), 'ANSWER_HTTP_VERSION');
    assert.equal(judgeVersion('1.1'), 'accepted');
    assert.equal(judgeVersion('1.2'), 'accepted');
    assert.equal(judgeVersion('1.0', 404), 'STATUS_NOT_101');
  });

  test('§4.4: a server of other versions', () => {
    const versions = (list: string): Header[] => [['Sec-WebSocket-Version', list]];
    assert.equal(judge(versions('8, 7'), {}, 426), 'STATUS_VERSION');
    assert.equal(judge(versions('7'), {}, 400), 'STATUS_VERSION');
    assert.equal(judge(versions(''), {}, 400), 'STATUS_VERSION');
    assert.equal(judge(versions('8, 13'), {}, 426), 'STATUS_NOT_101');
  });

  test('the refusal carries status and headers of the answer', () => {
    const headers: Header[] = [['Location', 'http://b/']];
    assert.deepEqual(judgeResponse({ statusCode: 302, headers }, { key }), {
      accepted: false,
      status: 302,
      refusal: 'STATUS_NOT_101',
      headers,
      body: '',
    });
  });

  test('Upgrade missing, of another protocol, or twice', () => {
    assert.equal(judge(answerWith({ Upgrade: undefined })), 'ANSWER_UPGRADE_MISSING');
    assert.equal(judge(answerWith({ Upgrade: 'foo' })), 'ANSWER_UPGRADE_INVALID');
    assert.equal(judge([...good, ['Upgrade', 'websocket']]), 'ANSWER_UPGRADE_INVALID');
  });

  test('Connection without Upgrade', () => {
    assert.equal(judge(answerWith({ Connection: undefined })), 'ANSWER_CONNECTION_INVALID');
    assert.equal(judge(answerWith({ Connection: 'close' })), 'ANSWER_CONNECTION_INVALID');
  });

  test('MS-03: the proof missing, wrong, of another key, in other letters, or twice', () => {
    const withProof = (proof: string | undefined): string =>
      judge(answerWith({ 'Sec-WebSocket-Accept': proof }));
    assert.equal(withProof(undefined), 'ACCEPT_MISSING');
    assert.equal(withProof('wrong'), 'ACCEPT_WRONG');
    assert.equal(withProof(''), 'ACCEPT_WRONG');
    assert.equal(withProof(acceptKey('2Wg20829/4ziWlmsUAD8Dg==')), 'ACCEPT_WRONG');
    assert.equal(withProof(acceptKey(key).toLowerCase()), 'ACCEPT_WRONG');
    const twice: Header = ['Sec-WebSocket-Accept', acceptKey(key)];
    assert.equal(judge([...good, twice]), 'ACCEPT_WRONG');
  });

  test('headers that cannot be', () => {
    assert.equal(judge([...good, ['X A', 'b']]), 'ANSWER_MALFORMED');
    assert.equal(judge([...good, ['X-A', 'b\0']]), 'ANSWER_MALFORMED');
  });
});

describe('MS-05: F120: subprotocols', () => {
  const chosen = (protocol: string | undefined, ...offered: string[]): string =>
    judge(answerWith({ 'Sec-WebSocket-Protocol': protocol }), { subprotocols: offered });

  test('one that was not offered, two, or an empty one always fail', () => {
    assert.equal(chosen('chat'), 'SUBPROTOCOL_UNOFFERED');
    assert.equal(chosen('foo', 'chat'), 'SUBPROTOCOL_UNOFFERED');
    assert.equal(chosen('Chat', 'chat'), 'SUBPROTOCOL_UNOFFERED');
    assert.equal(chosen('a, b', 'a', 'b'), 'SUBPROTOCOL_UNOFFERED');
    assert.equal(chosen('', 'chat'), 'SUBPROTOCOL_UNOFFERED');
    assert.equal(chosen('b', 'a', 'b'), 'accepted');
  });

  test('F119: none though one was offered fails unless that is allowed', () => {
    assert.equal(chosen(undefined, 'chat'), 'SUBPROTOCOL_MISSING');
    assert.equal(judge(good, { subprotocols: ['chat'], requireSubprotocol: false }), 'accepted');
    const wrong = answerWith({ 'Sec-WebSocket-Protocol': 'foo' });
    assert.equal(
      judge(wrong, { subprotocols: ['chat'], requireSubprotocol: false }),
      'SUBPROTOCOL_UNOFFERED',
    );
  });
});

describe('RFC 7692 §5.1: extensions', () => {
  const answered = (answer: string, extensions?: string): string => {
    const headers = answerWith({ 'Sec-WebSocket-Extensions': answer });
    return judge(headers, extensions === undefined ? {} : { extensions });
  };

  test('unasked ones, and other terms than the offered ones, fail', () => {
    assert.equal(answered('permessage-deflate'), 'EXTENSION_UNOFFERED');
    assert.equal(answered('foo', 'permessage-deflate'), 'EXTENSION_UNOFFERED');
    assert.equal(answered('', 'permessage-deflate'), 'EXTENSION_INVALID');
    assert.equal(answered('permessage-deflate; x', 'permessage-deflate'), 'EXTENSION_INVALID');
    assert.equal(answered('permessage-deflate', 'permessage-deflate'), 'accepted');
  });
});

describe('RFC 6455 §4.2.2: what a server answers', () => {
  const request: Header[] = [
    ['Sec-WebSocket-Key', key],
    ['Sec-WebSocket-Protocol', 'a, b'],
    ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits'],
  ];
  const textOf = (decision: Decision): string => Buffer.from(formatResponse(decision)).toString();
  const accepted = (): Accepted => accept(new HeaderList(request), ['b'], deflate);

  test('F080: the text of a 101', () => {
    assert.deepEqual(textOf(accepted()).split('\r\n'), [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${acceptKey(key)}`,
      'Sec-WebSocket-Protocol: b',
      `Sec-WebSocket-Extensions: ${accepted().extensions}`,
      '',
      '',
    ]);
  });

  test('F080: the text of a 101 without subprotocol and extensions', () => {
    const decision = accept(new HeaderList([['Sec-WebSocket-Key', key]]), ['b'], deflate);
    const lines = good.map(([name, value]) => `${name}: ${value}`);
    const text = ['HTTP/1.1 101 Switching Protocols', ...lines, '', ''].join('\r\n');
    assert.equal(textOf(decision), text);
    // Other lines in the place of those that all have in common are written as they are.
    for (const place of [0, 1]) {
      const headers = decision.headers.with(place, ['X-A', 'b']);
      const changed = text.replace(lines[place] ?? '', 'X-A: b');
      assert.equal(textOf({ ...decision, headers }), changed);
    }
  });

  test('nothing is negotiated from headers that nobody judged', () => {
    const bare = accept(new HeaderList([['Sec-WebSocket-Protocol', ',']]), ['b'], deflate);
    assert.equal(bare.subprotocol, undefined);
    assert.deepEqual(bare.headers[2], ['Sec-WebSocket-Accept', acceptKey('')]);
    const odd = accept(new HeaderList([['Sec-WebSocket-Extensions', ';']]), [], deflate);
    assert.equal(odd.extensions, '');
  });

  test('the text of a refusal: its length in bytes, its type, and the end of the connection', () => {
    const text = textOf(refuse('UNAUTHORIZED', { status: 401, body: 'Zutritt für Gäste: nein' }));
    assert.deepEqual(text.split('\r\n'), [
      'HTTP/1.1 401 Unauthorized',
      'Connection: close',
      'Content-Length: 25',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'Zutritt für Gäste: nein',
    ]);
    assert.match(textOf(refuse('NOT_FOUND')), /^HTTP\/1\.1 404 Not Found\r\n/);
  });

  test('RFC 7231 §6.1: a status has the reason that HTTP gives it', () => {
    const redirects = [301, 302, 307, 308];
    const faults = [400, 401, 403, 404, 405, 408, 409, 410, 414, 426, 429, 431];
    for (const status of [200, ...redirects, ...faults, 500, 502, 503]) {
      const [firstLine] = textOf(refuse('UNAUTHORIZED', { status })).split('\r\n');
      assert.equal(firstLine, `HTTP/1.1 ${status} ${STATUS_CODES[status]}`);
    }
  });

  test('a status without a name has an empty reason', () => {
    assert.match(textOf(refuse('UNAUTHORIZED', { status: 418 })), /^HTTP\/1\.1 418 \r\n/);
  });

  test('what frames the answer is not taken from the application', () => {
    const headers: Header[] = [
      ['content-length', '5000'],
      ['Transfer-Encoding', 'chunked'],
      ['connection', 'keep-alive'],
      ['Content-Type', 'application/json'],
      ['X-A', 'b'],
    ];
    assert.deepEqual(refusalHeaders(refuse('UNAUTHORIZED', { headers, body: '{}' })), [
      ['Connection', 'close'],
      ['Content-Length', '2'],
      ['Content-Type', 'application/json'],
      ['X-A', 'b'],
    ]);
  });

  test('RFC 7230 §6.7: Connection names the Upgrade of a 426', () => {
    const headers = new HeaderList(refusalHeaders(refuse('UPGRADE_REQUIRED')));
    assert.equal(headers.get('upgrade'), 'websocket');
    assert.equal(headers.get('connection'), 'close, Upgrade');
  });

  test('F112: HS-27: a header that would break the head is a TypeError', () => {
    for (const header of [
      ['X-A', 'a\r\nb: c'],
      ['X A', 'b'],
      ['X-A', '\0'],
    ] as Header[]) {
      assert.throws(() => textOf(refuse('UNAUTHORIZED', { headers: [header] })), TypeError);
      assert.throws(() => textOf({ ...accepted(), headers: [header] }), TypeError);
    }
  });

  describe('the choices of the application', () => {
    const plain: Header[] = [['Sec-WebSocket-Key', key]];
    const amend = (choices: Parameters<typeof amendAcceptance>[2]): Accepted =>
      amendAcceptance(accepted(), { headers: request }, choices);

    test('none change nothing', () => {
      assert.deepEqual(amend({}), accepted());
      assert.deepEqual(amend({ subprotocol: undefined, compression: undefined }), accepted());
      const decision = accept(new HeaderList(plain), [], false);
      assert.equal(amendAcceptance(decision, { headers: plain }, {}), decision);
    });

    test('further headers, or other compression, where no subprotocol was negotiated', () => {
      const decision = accept(new HeaderList(plain), [], false);
      const headers: Header[] = [['Set-Cookie', 'a=b']];
      const amended = amendAcceptance(decision, { headers: plain }, { headers });
      assert.deepEqual(amended.headers, [...good, ...headers]);
      assert.deepEqual(
        amendAcceptance(decision, { headers: plain }, { compression: deflate }),
        decision,
      );
    });

    test('F091: further headers', () => {
      const headers: Header[] = [['Set-Cookie', 'a=b']];
      assert.deepEqual(amend({ headers }).headers, [...accepted().headers, ...headers]);
      for (const bad of [
        ['Set-Cookie', 'a\r\nb'],
        ['Upgrade', 'h2c'],
      ] as Header[]) {
        assert.throws(() => amend({ headers: [bad] }), TypeError);
      }
    });

    test('HS-27: another subprotocol, of those the client offered', () => {
      const amended = amend({ subprotocol: 'a' });
      assert.equal(amended.subprotocol, 'a');
      assert.equal(new HeaderList(amended.headers).get('sec-websocket-protocol'), 'a');
      for (const subprotocol of ['c', '', 'a\r\nSet-Cookie: x=1']) {
        const message = `the client did not offer the subprotocol ${JSON.stringify(subprotocol)}`;
        assert.throws(() => amend({ subprotocol }), { name: 'TypeError', message });
      }
      const malformed: Header[] = [['Sec-WebSocket-Protocol', 'a,a']];
      const choose = () =>
        amendAcceptance(accepted(), { headers: malformed }, { subprotocol: 'a' });
      assert.throws(choose, /^TypeError: the client did not offer the subprotocol "a"$/);
    });

    test('F126: compression refused, or on other terms', () => {
      const without = amend({ compression: false });
      assert.equal(without.extensions, '');
      assert.equal(without.deflate, undefined);
      assert.equal(new HeaderList(without.headers).has('sec-websocket-extensions'), false);
      const other = amend({ compression: { ...deflate, peerWindowBits: 9 } });
      assert.equal(other.deflate?.peerWindowBits, 9);
    });
  });

  test('what a request offers', () => {
    const headers = new HeaderList(request);
    assert.deepEqual(offeredSubprotocols(headers), ['a', 'b']);
    assert.equal(offeredExtensions(headers)?.length, 1);
    assert.deepEqual(offeredSubprotocols(new HeaderList()), []);
    assert.deepEqual(offeredExtensions(new HeaderList()), []);
  });

  test('what one side writes the other reads', () => {
    const result = new HeadParser(statusLine).receive(formatResponse(accepted()));
    assert.ok(result !== undefined && 'head' in result);
    const expected = {
      key,
      subprotocols: ['a', 'b'],
      extensions: 'permessage-deflate; client_max_window_bits',
    };
    const decision = judgeResponse(result.head, expected);
    assert.ok(decision.accepted);
    assert.equal(decision.subprotocol, 'b');
    assert.equal(decision.deflate?.windowBits, 12);
  });
});

test('property: no answer makes judgeResponse throw', () => {
  const names = [
    ...good.map(([name]) => name),
    'Sec-WebSocket-Protocol',
    'Sec-WebSocket-Extensions',
  ];
  const name = fc.oneof(fc.constantFrom(...names, 'Sec-WebSocket-Version'), fc.string());
  const value = fc.oneof(fc.constantFrom(...good.map(([, value]) => value)), fc.string());
  const status = fc.oneof(fc.constant(101), fc.integer());
  fc.assert(
    fc.property(status, fc.array(fc.tuple(name, value)), (statusCode, headers) => {
      for (const list of [headers, [...good, ...headers]]) {
        const decision = judgeResponse(
          { statusCode, headers: list },
          { key, subprotocols: ['a'], requireSubprotocol: false, extensions: 'permessage-deflate' },
        );
        assert.equal(typeof decision.accepted, 'boolean');
      }
    }),
  );
});
