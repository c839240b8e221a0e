import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  checkHeaders,
  formatHead,
  headerLines,
  hasMalformedLine,
  headerListOf,
  trimmedHeaders,
  type Header,
  HeaderList,
  listsUpgrade,
} from '../../src/handshake/header-list.ts';

describe('RFC 7230 §3.2: headers', () => {
  const list = new HeaderList([
    ['Host', 'a'],
    ['X-List', 'one'],
    ['Cookie', 'a=1'],
    ['x-list', 'two'],
    ['COOKIE', 'b=2'],
  ]);

  test('names have no case, repeated ones are joined', () => {
    assert.equal(list.get('HOST'), 'a');
    assert.equal(list.get('X-LIST'), 'one, two');
    assert.equal(list.get('Cookie'), 'a=1; b=2');
    assert.equal(list.get('missing'), undefined);
    assert.deepEqual(list.all('x-list'), ['one', 'two']);
    assert.equal(list.has('cookie'), true);
    assert.equal(list.has('__proto__'), false);
    // What follows Z and what precedes A in ASCII are no letters.
    const odd = new HeaderList([['x[@`{-AZ', 'a']]);
    assert.equal(odd.get('X[@`{-az'), 'a');
    assert.deepEqual(
      [odd.has('x{@`{-az'), odd.has('x[`@[-az'), odd.has('x[@`{-az ')],
      [false, false, false],
    );
  });

  test('order and spelling are kept', () => {
    assert.deepEqual([...list], [...list.entries()]);
    assert.deepEqual([...list][3], ['x-list', 'two']);
    assert.deepEqual([...new HeaderList()], []);
  });
});

describe('RFC 7230 §3.2: headers in the text of a head', () => {
  const start = 'GET / HTTP/1.1\r\n';
  const textOf = (lines: string): HeaderList =>
    new HeaderList(`${start}${lines}\r\n`, start.length);
  const text = textOf('Host: a\r\nX-List:\t one \r\nx-list:two\r\nEmpty:\r\n');

  test('they are the same as in lines, with or without the end of the head', () => {
    const lines = [
      ['Host', 'a'],
      ['X-List', 'one'],
      ['x-list', 'two'],
      ['Empty', ''],
    ];
    assert.deepEqual([...text], lines);
    assert.deepEqual([...new HeaderList('a:b\r\n')], [['a', 'b']]);
    assert.deepEqual([...textOf('')], []);
    assert.equal(text.get('X-LIST'), 'one, two');
    assert.deepEqual(text.all('x-list'), ['one', 'two']);
  });

  test('they can be asked for also when nothing but the text was kept', () => {
    text.compact();
    assert.equal(text.get('host'), 'a');
    const pairs = new HeaderList([['Host', 'a']]);
    pairs.compact();
    assert.equal(pairs.get('host'), 'a');
  });

  test('their extent is that of their lines without the white space', () => {
    assert.deepEqual(text.extent, { lines: 4, longest: 11, total: 7 + 11 + 11 + 7 });
    assert.deepEqual(new HeaderList().extent, { lines: 0, longest: 0, total: 0 });
  });
});

describe('RFC 6455 §4.2.1: Connection', () => {
  const isListed = (...values: string[]): boolean =>
    listsUpgrade(new HeaderList(values.map((value): Header => ['Connection', value])));

  test('F081: a list with the token Upgrade will do, in any case and on any line', () => {
    assert.equal(isListed('keep-alive, Upgrade'), true);
    assert.equal(isListed('Upgrade'), true);
    assert.equal(isListed('UPGRADE'), true);
    assert.equal(isListed('keep-alive', 'upgrade,'), true);
  });

  test('everything else will not', () => {
    for (const value of ['', 'xxxxxxx', 'keep-alive', 'upgrades', 'Upgrade;x', '"upgrade"']) {
      assert.equal(isListed(value), false, value);
    }
    assert.equal(isListed(), false);
  });
});

describe('F111: headers of the application', () => {
  const lines: Header[] = [
    ['X-A', '1'],
    ['X-B', '2'],
    ['X-B', '3'],
  ];

  test('are an object, with an array for lines that repeat, pairs, or a Headers', () => {
    assert.deepEqual(headerLines({ 'X-A': '1', 'X-B': ['2', '3'], 'X-C': undefined }, 'x'), lines);
    assert.deepEqual(headerLines(lines, 'x'), lines);
    assert.deepEqual(headerLines(new Map(lines.slice(0, 2)), 'x'), lines.slice(0, 2));
    assert.deepEqual(headerLines(new Headers({ 'X-A': '1' }), 'x'), [['x-a', '1']]);
    assert.ok(Object.isFrozen(headerLines({}, 'x')));
  });

  test('all else is a TypeError that says what is allowed', () => {
    for (const given of ['X-A: 1', 5, null]) {
      assert.throws(() => headerLines(given, 'accept.headers'), {
        name: 'TypeError',
        message: 'accept.headers must be an object, pairs or a Headers',
      });
    }
    for (const [value, found] of [
      [5, 'a value of type number'],
      [['a', 5], 'a value of type number'],
      [null, 'null'],
      [{}, 'a value of type object'],
    ] as const) {
      assert.throws(() => headerLines({ 'X-A': value }, 'headers'), {
        name: 'TypeError',
        message: `headers.X-A must be a string or an array of strings, but is ${found}`,
      });
    }
    assert.throws(() => headerLines({ Upgrade: 'x' }, 'x'), TypeError);
  });
});

test('lines become a list, and a list stays the one it is', () => {
  const headers: Header[] = [['X-A', '1']];
  const list = headerListOf(headers);
  assert.deepEqual([...list], headers);
  assert.equal(headerListOf(list), list);
});

test('the lines of a head are trimmed; what is none is a TypeError that says what is allowed', () => {
  const trimmed: Header = ['X-B', '2'];
  const lines = trimmedHeaders([['X-A', ' \t1 '], trimmed]);
  assert.deepEqual(lines, [['X-A', '1'], trimmed]);
  assert.equal(lines[1], trimmed);
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ x: 5 }, /^headers must be an array of pairs of a name and a value$/],
    [undefined, /^headers must be an array/],
    [[[5, 'a']], /^headers must be an array of pairs/],
    [[['x', 5]], /^headers\.x must be a string, but is a value of type number$/],
    [[['x']], /^headers\.x must be a string/],
  ];
  for (const [given, message] of wrong) {
    assert.throws(() => trimmedHeaders(given as Header[]), { name: 'TypeError', message });
  }
});

test('RFC 7230 §3.2: a line is malformed by a name that is no token or a value with a control', () => {
  const good: Header[] = [
    ['X-A', ''],
    ['x', 'a\tb \xe4'],
  ];
  assert.equal(hasMalformedLine([]), false);
  assert.equal(hasMalformedLine(good), false);
  for (const name of ['', 'X A', 'X-A ', 'X\xe4']) {
    assert.equal(hasMalformedLine([...good, [name, 'a']]), true, name);
  }
  for (const value of ['a\rb', 'a\n', 'a\0', 'a\x7f', '€']) {
    assert.equal(hasMalformedLine([['X-A', value], ...good]), true, value);
  }
});

describe('F112: C-60: header injection', () => {
  const bad: Header[] = [
    ['X-A', 'a\r\nSet-Cookie: x=1'],
    ['X-A', 'a\n'],
    ['X-A', 'a\rb'],
    ['X-A', 'a\0b'],
    ['X-A', 'a\x7f'],
    ['X-A', '\u2028'],
    ['X A', 'a'],
    ['X-A:', 'a'],
    ['X-A\r\n', 'a'],
    ['', 'a'],
    ['Ä', 'a'],
  ];

  test('a name that is no token and a value with control characters are TypeErrors', () => {
    for (const header of bad) {
      assert.throws(() => formatHead('GET / HTTP/1.1', [header]), TypeError, header.join(': '));
      assert.throws(() => checkHeaders([header]), TypeError, header.join(': '));
    }
    assert.throws(() => checkHeaders([['X A', 'a']]), { message: '"X A" is no name of a header' });
    const noString = [['X-A', 5]] as unknown as Header[];
    assert.throws(() => checkHeaders(noString), { name: 'TypeError', message: /X-A/ });
  });

  test('headers of the handshake itself are refused by name', () => {
    const framing = ['Upgrade', 'connection', 'Content-Length', 'Transfer-Encoding', 'Expect'];
    const fields = ['Accept', 'Extensions', 'Key', 'Protocol', 'Version'];
    for (const name of [...framing, ...fields.map((field) => `Sec-WebSocket-${field}`)]) {
      assert.throws(() => checkHeaders([[name, 'x']]), {
        name: 'TypeError',
        message: `the header ${name} belongs to the opening handshake`,
      });
    }
    assert.deepEqual(checkHeaders(new Map([['Host', 'a']])), [['Host', 'a']]);
  });

  test('all else is written byte for byte', () => {
    const bytes = formatHead('GET / HTTP/1.1', [
      ['X-A', 'a\tb'],
      ['X-B', 'caf\xe9'],
    ]);
    const expected = 'GET / HTTP/1.1\r\nX-A: a\tb\r\nX-B: caf\xe9\r\n\r\n';
    assert.equal(Buffer.from(bytes).toString('latin1'), expected);
  });
});
