import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import {
  isHeaderValue,
  isToken,
  parseExtensions,
  parseTokens,
  trimWhiteSpace,
} from '../../src/handshake/header-values.ts';

describe('RFC 7230 §3.2.6: tokens', () => {
  test('exactly the token characters make a token', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const allowed = `!#$%&'*+-.^_\`|~0123456789${letters}`;
    assert.equal(isToken(allowed), true);
    for (let code = 0; code < 0x180; code++) {
      const character = String.fromCharCode(code);
      assert.equal(isToken(character), allowed.includes(character), `U+${code.toString(16)}`);
    }
    assert.equal(isToken(''), false);
    assert.equal(isToken('a\n'), false);
  });

  test('a value has no control character but tabs', () => {
    for (let code = 0; code < 0x180; code++) {
      // From 0x80 on they are bytes of other encodings and control nothing (obs-text).
      const fine = code === 9 || (code >= 32 && code !== 127 && code < 256);
      assert.equal(isHeaderValue(String.fromCharCode(code)), fine, String(code));
    }
    assert.equal(isHeaderValue(''), true);
  });

  test('§3.2.3: only spaces and tabs around a text are trimmed', () => {
    assert.equal(trimWhiteSpace(' \t a b\t '), 'a b');
    assert.equal(trimWhiteSpace(' \t '), '');
    assert.equal(trimWhiteSpace(''), '');
    assert.equal(trimWhiteSpace('\u00a0a\n'), '\u00a0a\n');
  });
});

describe('RFC 7230 §7: lists of tokens', () => {
  test('white space and empty elements are passed over', () => {
    assert.deepEqual(parseTokens('chat'), ['chat']);
    assert.deepEqual(parseTokens(' chat ,\tsuperchat '), ['chat', 'superchat']);
    assert.deepEqual(parseTokens(',a,,b,'), ['a', 'b']);
  });

  test('what is no token, or no list of one at least, is refused', () => {
    for (const text of ['', ',', ' , ', 'a b', 'a;b', '"a"', 'a, b c', 'a=b', 'ä']) {
      assert.equal(parseTokens(text), undefined, JSON.stringify(text));
    }
  });
});

describe('RFC 6455 §9.1: Sec-WebSocket-Extensions', () => {
  test('names and parameters, with and without values', () => {
    assert.deepEqual(parseExtensions('foo, bar; baz=2 ;\tqux'), [
      { name: 'foo', parameters: [] },
      {
        name: 'bar',
        parameters: [
          ['baz', '2'],
          ['qux', undefined],
        ],
      },
    ]);
    assert.deepEqual(parseExtensions(',foo,,'), [{ name: 'foo', parameters: [] }]);
  });

  test('a quoted value is the token inside', () => {
    const valueOf = (text: string): unknown =>
      parseExtensions(`a; b=${text}`)?.[0]?.parameters[0]?.[1];
    assert.equal(valueOf('"10"'), '10');
    assert.equal(valueOf('"1\\0"'), '10');
    assert.equal(valueOf('"a\\"b"'), '');
    assert.equal(valueOf('"a b"'), '');
    assert.equal(valueOf('""'), '');
    assert.equal(valueOf(''), '');
    assert.deepEqual(parseExtensions('a; b="x,y;z", c'), [
      { name: 'a', parameters: [['b', '']] },
      { name: 'c', parameters: [] },
    ]);
  });

  test('malformed lists are refused', () => {
    const bad = [
      '',
      ',',
      ';',
      'a;',
      'a;;b',
      ';a',
      '=a;b=1',
      'a b',
      '"a"',
      'a; "b"',
      'a; b="x',
      'a; b=x y',
      'a=b',
      'ä',
    ];
    for (const text of bad) assert.equal(parseExtensions(text), undefined, JSON.stringify(text));
  });

  test('HS-19: names of built-in properties are names like others', () => {
    const [first, second] = parseExtensions('constructor; __proto__=1, toString') ?? [];
    assert.deepEqual(first, { name: 'constructor', parameters: [['__proto__', '1']] });
    assert.deepEqual(second, { name: 'toString', parameters: [] });
    assert.equal(Object.hasOwn(Object.prototype, '1'), false);
  });

  test('property: every list of tokens is read back as it was written', () => {
    const token = fc.stringMatching(/^[!#-'*+.0-9A-Z^_`a-z|~-]+$/);
    const parameter = fc.tuple(token, fc.option(token, { nil: undefined }));
    const extension = fc
      .tuple(token, fc.array(parameter, { maxLength: 4 }))
      .map(([name, parameters]) => ({ name, parameters }));
    const space = fc.stringMatching(/^[ \t]*$/);
    fc.assert(
      fc.property(fc.array(extension, { minLength: 1, maxLength: 5 }), space, (list, gap) => {
        const written = list.map(({ name, parameters }) =>
          [
            name,
            ...parameters.map(([key, value]) => (value === undefined ? key : `${key}=${value}`)),
          ].join(`${gap};${gap}`),
        );
        assert.deepEqual(parseExtensions(written.join(`${gap},${gap}`)), list);
        const names = list.map(({ name }) => name);
        assert.deepEqual(parseTokens(names.join(`${gap},${gap}`)), names);
      }),
    );
  });

  test('property: no text makes the parsers throw', () => {
    const piece = fc.constantFrom(
      'a',
      'permessage-deflate',
      ' ',
      '\t',
      ',',
      ';',
      '=',
      '"',
      '\\',
      '\0',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (value) => {
        parseExtensions(value);
        parseTokens(value);
        trimWhiteSpace(value);
      }),
    );
  });
});

/** Code that counts for mutants costs what it costs. */
const noCosts =
  process.env['HAWSER_MUTANTS'] === undefined ? false : 'the code is instrumented for mutants';

describe('HS-17: CP-13: costs', { skip: noCosts }, () => {
  const costOf = (task: () => void): number => {
    const before = process.cpuUsage();
    for (let round = 0; round < 5; round++) task();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };

  const shapes: [string, (size: number) => string][] = [
    ['spaces inside', (size) => `b${' '.repeat(size)}x`],
    ['spaces at the end', (size) => `b${' '.repeat(size)}`],
    ['empty elements', (size) => ','.repeat(size)],
    ['identical offers', (size) => 'permessage-deflate,'.repeat(size / 19)],
    ['parameters', (size) => `a${';b=1'.repeat(size / 4)}`],
    ['open quotes', (size) => `a;b="${'x'.repeat(size)}`],
    ['escapes', (size) => `a;b="${'\\"'.repeat(size / 2)}`],
  ];

  for (const [name, shape] of shapes) {
    test(`${name}: twice the length costs about twice`, () => {
      const run = (text: string) => (): void => {
        parseExtensions(text);
        parseTokens(text);
        trimWhiteSpace(text);
      };
      const size = 1 << 16;
      run(shape(size))();
      const once = costOf(run(shape(size)));
      const fourTimes = costOf(run(shape(size * 4)));
      // In quadratic time it would be sixteen times as much; small figures are noise.
      assert.ok(fourTimes < Math.max(once * 10, 100_000), `${once} µs, then ${fourTimes} µs`);
    });
  }
});
