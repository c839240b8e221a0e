import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import {
  type HeadLimits,
  headLimits,
  HeadParser,
  type HeadResult,
  knowsUpgrade,
  readWholeHead,
  requestLine,
  statusLine,
  type StartLineRules,
} from '../../src/handshake/http-head.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Feeds a parser pieces; the result with `consumed` counted from the first byte on. */
function feed<Start extends object>(
  rules: StartLineRules<Start>,
  pieces: readonly Uint8Array[],
  limits?: HeadLimits,
): HeadResult<Start> | undefined {
  const parser = new HeadParser(rules, limits);
  let before = 0;
  for (const piece of pieces) {
    const result = parser.receive(piece);
    if (result !== undefined) {
      return 'head' in result ? { ...result, consumed: before + result.consumed } : result;
    }
    before += piece.length;
  }
  return undefined;
}

const request = (text: string) => feed(requestLine, [bytesOf(text)]);
const answer = (text: string) => feed(statusLine, [bytesOf(text)]);

const good =
  'GET /chat?a=b HTTP/1.1\r\nHost: example.com:8080\r\nX-Empty:\r\nX-Gaps: \t a b \t\r\nx-b:caf\xe9\r\n\r\n';

const goodHead = {
  method: 'GET',
  target: '/chat?a=b',
  httpVersion: '1.1',
  headers: [
    ['Host', 'example.com:8080'],
    ['X-Empty', ''],
    ['X-Gaps', 'a b'],
    ['x-b', 'caf\xe9'],
  ],
};

describe('RFC 7230 §3: heads, at every cut', () => {
  test('a request is read, and what follows is left alone', () => {
    const bytes = bytesOf(`${good}\x81\x80abcd`);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const result = feed(requestLine, [bytes.subarray(0, cut), bytes.subarray(cut)]);
      assert.deepEqual(result, { head: goodHead, consumed: good.length }, `cut at ${cut}`);
    }
    const single = feed(
      requestLine,
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
    );
    assert.deepEqual(single, { head: goodHead, consumed: good.length });
  });

  test('C-60: an answer is read; without its last line end the parser waits', () => {
    const text = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n';
    const bytes = bytesOf(text);
    const head = { statusCode: 101, httpVersion: '1.1', headers: [['Upgrade', 'websocket']] };
    for (let cut = 0; cut < bytes.length; cut++) {
      assert.equal(feed(statusLine, [bytes.subarray(0, cut)]), undefined);
      const result = feed(statusLine, [bytes.subarray(0, cut), bytes.subarray(cut)]);
      assert.deepEqual(result, { head, consumed: text.length });
    }
  });

  test('§3.1.2: the reason may be anything or missing', () => {
    for (const [line, httpVersion, statusCode = 200] of [
      ['HTTP/1.1 100 Continue', '1.1', 100],
      ['HTTP/1.1 200 OK', '1.1'],
      ['HTTP/1.1 200 ', '1.1'],
      ['HTTP/1.1 200', '1.1'],
      ['HTTP/1.0 200 caf\xe9 !', '1.0'],
    ] as const) {
      assert.deepEqual(answer(`${line}\r\n\r\n`), {
        head: { statusCode, httpVersion, headers: [] },
        consumed: line.length + 4,
      });
    }
  });

  test('property: any cuts give the same', () => {
    const bytes = bytesOf(good);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const ends = [...cuts, bytes.length].toSorted((a, b) => a - b);
        const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
        assert.deepEqual(feed(requestLine, pieces), { head: goodHead, consumed: bytes.length });
      }),
    );
  });
});

describe('C-38: malformed heads, at every cut', () => {
  const requests: [string, string][] = [
    ['foofoofoo', 'foofoofoo\r\n\r\n'],
    ['V R P', 'V R P\r\n\r\n'],
    ['version a.1', 'GET / HTTP/a.1\r\n\r\n'],
    ['version of two bytes', 'GET / \xff\xff\r\n\r\n'],
    ['version in small letters', 'GET / http/1.1\r\n\r\n'],
    ['no target', 'GET  HTTP/1.1\r\n\r\n'],
    ['two spaces', 'GET /  HTTP/1.1\r\n\r\n'],
    ['a space before the method', ' GET / HTTP/1.1\r\n\r\n'],
    ['words after the version', 'GET / HTTP/1.1 x\r\n\r\n'],
    ['a method that is no token', 'G@T / HTTP/1.1\r\n\r\n'],
    ['an empty first line', '\r\nGET / HTTP/1.1\r\n\r\n'],
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost example.com\r\n\r\n'],
    ['a header of one word', 'GET / HTTP/1.1\r\nHost\r\n\r\n'],
    ['a header without a name', 'GET / HTTP/1.1\r\n: a\r\n\r\n'],
    ['white space before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'],
    ['a folded line', 'GET / HTTP/1.1\r\nX: a\r\n b: c\r\n\r\n'],
    ['a folded line first', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n'],
    ['a line folded by a tab', 'GET / HTTP/1.1\r\nX: a\r\n\tb\r\n\r\n'],
    ['bare line feeds', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['a bare line feed in a value', 'GET / HTTP/1.1\r\nX: a\nb: c\r\n\r\n'],
    ['a bare carriage return', 'GET / HTTP/1.1\r\nX: a\rb\r\n\r\n'],
    ['two carriage returns', 'GET / HTTP/1.1\r\r\n\r\n'],
    ['a NUL in a value', 'GET / HTTP/1.1\r\nX: a\0b\r\n\r\n'],
    ['an escape in a value', 'GET / HTTP/1.1\r\nX: \x1b[2J\r\n\r\n'],
    ['a DEL in a value', 'GET / HTTP/1.1\r\nX: \x7f\r\n\r\n'],
    ['HS-29: a TLS hello', '\x16\x03\x01\x00\xa5\x01'],
    ['HS-29: an SSH greeting', 'SSH-2.0-x\r\n'],
  ];
  for (const [name, text] of requests) {
    test(`a request with ${name}`, () => {
      const bytes = bytesOf(text);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const result = feed(requestLine, [bytes.subarray(0, cut), bytes.subarray(cut)]);
        assert.deepEqual(result, { fault: 'malformed' }, `cut at ${cut}`);
      }
    });
  }

  const answers = [
    'HTTP/2.0 200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 200OK',
    'HTTP/1.1  200 OK',
    ' HTTP/1.1 200 OK',
    'http/1.1 200 OK',
    'ICY 200 OK',
    '<html>',
    '',
  ];
  test('an answer with a bad first line', () => {
    for (const line of answers) {
      assert.deepEqual(answer(`${line}\r\n\r\n`), { fault: 'malformed' }, line);
    }
  });

  test('HS-29: what is no HTTP is refused at its first byte', () => {
    assert.deepEqual(request('\x16'), { fault: 'malformed' });
    assert.deepEqual(answer('\x81'), undefined);
    assert.deepEqual(answer('\x81\x05Hello\r\n'), { fault: 'malformed' });
  });

  test('a version of another kind is left to the judge', () => {
    const preface = request('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    assert.ok(preface !== undefined && 'head' in preface);
    assert.equal(preface.head.httpVersion, '2.0');
  });
});

describe('F086: limits', () => {
  const lineOf = (length: number): string => `X-A: ${'a'.repeat(length - 5)}\r\n`;
  const head = (lines: string): string => `GET / HTTP/1.1\r\n${lines}\r\n`;
  const isHead = (result: ReturnType<typeof request>): boolean =>
    result !== undefined && 'head' in result;

  test('a line of 8 192 bytes passes, one more fails', () => {
    assert.ok(isHead(request(head(lineOf(8_192)))));
    assert.deepEqual(request(head(lineOf(8_193))), { fault: 'too-large' });
    assert.deepEqual(request(`GET / HTTP/1.1\r\nX-A: ${'a'.repeat(8_188)}`), {
      fault: 'too-large',
    });
  });

  test('HS-15: 100 lines pass, one more fails', () => {
    assert.ok(isHead(request(head('A: b\r\n'.repeat(100)))));
    assert.deepEqual(request(head('A: b\r\n'.repeat(101))), { fault: 'too-large' });
  });

  test('HS-13: 16 KiB pass, one byte more fails, be it spread over many lines', () => {
    const line = lineOf(182 - 2);
    const lines = line.repeat(89);
    const room = headLimits.headSize - head(lines).length;
    const filled = head(lines + lineOf(room - 2));
    assert.equal(filled.length, 16_384);
    assert.ok(isHead(request(filled)));
    assert.deepEqual(request(head(lines + lineOf(room - 1))), { fault: 'too-large' });
    assert.deepEqual(request(head(line.repeat(91))), { fault: 'too-large' });
  });

  test('a target of 8 KiB passes, one more byte or an endless one fails', () => {
    const withTarget = (length: number): string =>
      `GET /${'a'.repeat(length - 1)} HTTP/1.1\r\n\r\n`;
    assert.ok(isHead(request(withTarget(8_192))));
    assert.deepEqual(request(withTarget(8_193)), { fault: 'target-too-long' });
    assert.deepEqual(request(`GET /${'a'.repeat(9_000)}`), { fault: 'target-too-long' });
    assert.deepEqual(answer(`HTTP/1.1 200 ${'a'.repeat(9_000)}`), { fault: 'too-large' });
  });

  test('limits can be others', () => {
    const limits = { ...headLimits, lines: 1 };
    const parser = new HeadParser(requestLine, limits);
    const bytes = bytesOf(head('A: b\r\nC: d\r\n'));
    assert.deepEqual(parser.receive(bytes), { fault: 'too-large' });
  });
});

describe('F086: limits, byte by byte', () => {
  /** Feeds a head to a parser with limits of its own, cut once. */
  const cut = (text: string, given: object): HeadResult<object> | undefined => {
    const parser = new HeadParser(requestLine, { ...headLimits, ...given });
    return parser.receive(bytesOf(text.slice(0, 3))) ?? parser.receive(bytesOf(text.slice(3)));
  };
  const isRead = (text: string, given: object): boolean => {
    const result = cut(text, given);
    return result !== undefined && 'head' in result;
  };

  test('a head of just the size passes, one of a byte more fails', () => {
    const head = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    assert.equal(isRead(head, { headSize: head.length }), true);
    assert.equal(isRead(head, { headSize: head.length - 1 }), false);
  });

  test('the first line may be longer than others, and its target as long as it may be', () => {
    const head = `GET /${'a'.repeat(99)} HTTP/1.1\r\nHost: a\r\n\r\n`;
    assert.equal(isRead(head, { targetSize: 100, lineSize: 20 }), true);
    assert.equal(isRead(head, { targetSize: 99, lineSize: 20 }), false);
  });
});

describe('RFC 7230 §3: a head that lies whole in a chunk', () => {
  const bytewise = (bytes: Uint8Array, rules: StartLineRules<object>, limits?: HeadLimits) =>
    feed(
      rules,
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
      limits,
    );

  /** What is read, as a parser gives it. */
  const readWhole = (rules: StartLineRules<object>, bytes: Uint8Array, limits?: HeadLimits) => {
    const read = readWholeHead(rules, bytes, limits);
    return read && { head: { ...read.start, headers: [...read.headers] }, consumed: read.consumed };
  };

  test('it is read with what follows left alone; a part of it is not', () => {
    const bytes = bytesOf(`${good}\x81\x80abcd`);
    for (let length = 0; length <= bytes.length; length++) {
      const read = readWhole(requestLine, bytes.subarray(0, length));
      const whole = { head: goodHead, consumed: good.length };
      assert.deepEqual(read, length < good.length ? undefined : whole, `${length} bytes`);
    }
    const bare = bytesOf('GET / HTTP/1.1\r\n\r\n');
    assert.deepEqual(readWhole(requestLine, bare)?.head.headers, []);
    const answered = readWhole(statusLine, bytesOf('HTTP/1.1 101 x\r\nA:b\r\n\r\n'));
    assert.deepEqual(answered?.head.headers, [['A', 'b']]);
  });

  test('each limit holds as it does byte by byte', () => {
    const size = bytesOf(good).length;
    for (const [limit, allowed] of Object.entries({
      headSize: size,
      lineSize: 'Host: example.com:8080'.length,
      lines: 4,
      targetSize: '/chat?a=b'.length,
    })) {
      const at = { ...headLimits, [limit]: allowed };
      const below = { ...headLimits, [limit]: allowed - 1 };
      assert.notEqual(readWholeHead(requestLine, bytesOf(good), at), undefined, limit);
      assert.equal(readWholeHead(requestLine, bytesOf(good), below), undefined, limit);
    }
  });

  test('a first line that no target makes long is as long as byte by byte', () => {
    for (const [rules, line] of [
      [requestLine, `${'a'.repeat(8_245)} / HTTP/1.1`],
      [statusLine, `HTTP/1.1 101 ${'a'.repeat(8_243)}`],
    ] as [StartLineRules<object>, string][]) {
      const read = (text: string) => readWhole(rules, bytesOf(`${text}\r\nA: b\r\n\r\n`));
      assert.equal(line.length, headLimits.targetSize + 64);
      assert.ok(read(line));
      assert.ok(read(line.replace('aa', 'aaa')) === undefined);
    }
  });

  test('property: it is read just where a parser reads it byte by byte, and as the same', () => {
    const long = fc.nat(80).map((length) => 'a'.repeat(length));
    const piece = fc.oneof(
      fc.constantFrom('GET / HTTP/1.1', 'HTTP/1.1 101 x', '\r\n', '\r\n\r\n', '\r', '\n', ':'),
      fc.constantFrom(' ', '\t', 'Host: a', 'X-A:\t b ', '\0', '\x7f', '\xe9', '@'),
      long,
    );
    const text = fc.oneof(
      fc.array(piece).map((pieces) => pieces.join('')),
      fc.array(piece).map((pieces) => `GET / HTTP/1.1\r\nHost: a\r\n${pieces.join('')}\r\n\r\n`),
      fc.tuple(long, long, long).map(([a, b, c]) => `A${a} /${b} HTTP/1.1\r\nA:${c}\r\n\r\n`),
      fc.tuple(long, long).map(([a, b]) => `HTTP/1.1 101 ${a}\r\nA:${b}\r\n\r\n`),
    );
    const narrow = fc.record({
      headSize: fc.nat(200),
      lineSize: fc.nat(40),
      lines: fc.nat(3),
      targetSize: fc.nat(40),
    });
    const limits = fc.oneof(fc.constant(headLimits), narrow);
    fc.assert(
      fc.property(text, limits, (given, allowed) => {
        const bytes = bytesOf(given);
        for (const rules of [requestLine, statusLine] as StartLineRules<object>[]) {
          const parsed = bytewise(bytes, rules, allowed);
          const expected = parsed !== undefined && 'head' in parsed ? parsed : undefined;
          assert.deepEqual(readWhole(rules, bytes, allowed), expected);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('HS-17: time grows with the length alone, whatever a line has too much of', () => {
    const time = (line: string): number => {
      const bytes = bytesOf(`GET / HTTP/1.1\r\n${line}\r\n\r\n`);
      const limits = { ...headLimits, headSize: bytes.length, lineSize: bytes.length };
      let best = Infinity;
      for (let round = 0; round < 5; round++) {
        const before = performance.now();
        readWholeHead(requestLine, bytes, limits);
        best = Math.min(best, performance.now() - before);
      }
      return best;
    };
    for (const part of [' ', 'a', ': ', '\t']) {
      assert.ok(time(`X: b${part.repeat(15_000)}\0`) < 50);
      assert.ok(time(part.repeat(15_000)) < 50);
    }
  });
});

test('RFC 7230 §6.7: Upgrade came with HTTP/1.1', () => {
  const versions = ['0.9', '1.0', '1.1', '1.2', '1.9', '2.0', '1.10', '11.1', ''];
  assert.deepEqual(versions.filter(knowsUpgrade), ['1.1', '1.2', '1.9']);
});

test('property: no bytes make the parser throw, and cuts do not matter', () => {
  const piece = fc.oneof(
    fc.constantFrom('GET / HTTP/1.1', 'HTTP/1.1 101 x', '\r\n', '\n', ':', ' ', 'Host: a', '\0'),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(piece), fc.nat(), (pieces, at) => {
      const bytes = bytesOf(pieces.join(''));
      const cut = at % (bytes.length + 1);
      for (const rules of [requestLine, statusLine] as StartLineRules<object>[]) {
        const whole = feed(rules, [bytes]);
        assert.deepEqual(feed(rules, [bytes.subarray(0, cut), bytes.subarray(cut)]), whole);
      }
    }),
  );
});
