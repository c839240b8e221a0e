import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type Address, parseAddress, serverName } from '../../src/client/address.ts';

const addressOf = (url: string | URL, socketPath?: string): Address =>
  parseAddress(url, socketPath);

/** Host, port, Host header and target of a URL. */
function partsOf(url: string): [string, number, string, string] {
  const { host, port, authority, target } = addressOf(url);
  return [host, port, authority, target];
}

describe('F105: RFC 6455 §3: URLs', () => {
  test('ws and http have port 80, wss and https 443', () => {
    assert.deepEqual(partsOf('ws://example.com'), ['example.com', 80, 'example.com', '/']);
    assert.deepEqual(partsOf('http://example.com/a'), ['example.com', 80, 'example.com', '/a']);
    assert.deepEqual(partsOf('wss://example.com'), ['example.com', 443, 'example.com', '/']);
    assert.deepEqual(partsOf('https://example.com?a'), ['example.com', 443, 'example.com', '/?a']);
    assert.deepEqual(
      ['ws://a', 'http://a', 'wss://a', 'https://a'].map((url) => addressOf(url).secure),
      [false, false, true, true],
    );
  });

  test('RFC 7230 §5.4: Host names the port only where it is not the default', () => {
    assert.deepEqual(partsOf('ws://a:80/'), ['a', 80, 'a', '/']);
    assert.deepEqual(partsOf('ws://a:443/'), ['a', 443, 'a:443', '/']);
    assert.deepEqual(partsOf('wss://a:443/'), ['a', 443, 'a', '/']);
    assert.deepEqual(partsOf('WS://EXAMPLE.com:8080/'), [
      'example.com',
      8080,
      'example.com:8080',
      '/',
    ]);
  });

  test('an IPv6 address has brackets in Host alone', () => {
    assert.deepEqual(partsOf('ws://[::1]:9000/a'), ['::1', 9000, '[::1]:9000', '/a']);
  });

  test('path and query are sent as they are, or encoded', () => {
    assert.equal(addressOf('ws://a/b%20c?d=e&f=%C3%A9').target, '/b%20c?d=e&f=%C3%A9');
    assert.equal(addressOf('ws://a/b c?é').target, '/b%20c?%C3%A9');
  });

  test('a URL object serves as well, and is left as it was', () => {
    const url = new URL('ws://user:secret@a/b');
    assert.equal(addressOf(url).target, '/b');
    assert.equal(url.username, 'user');
  });

  test('a socket path leaves the host as a name', () => {
    const address = addressOf('ws://example.com:81/a', '/run/a.sock');
    assert.equal(address.socketPath, '/run/a.sock');
    assert.equal(address.authority, 'example.com:81');
  });
});

describe('unix sockets in URLs', () => {
  const partsOfUnix = (url: string): [string | undefined, string] => {
    const { socketPath, target } = addressOf(url);
    return [socketPath, target];
  };

  test('path of the socket, colon, target', () => {
    assert.deepEqual(partsOfUnix('ws+unix:/run/a.sock:/chat?b=c'), ['/run/a.sock', '/chat?b=c']);
    assert.deepEqual(partsOfUnix('ws+unix:///run/a.sock:/chat'), ['/run/a.sock', '/chat']);
    assert.deepEqual(partsOfUnix('ws+unix:/run/a.sock:/a:b'), ['/run/a.sock', '/a:b']);
    assert.deepEqual(partsOfUnix('ws+unix:/run/a.sock'), ['/run/a.sock', '/']);
    assert.deepEqual(partsOfUnix('ws+unix:/run/a.sock?b'), ['/run/a.sock', '/?b']);
    assert.deepEqual(partsOfUnix('ws+unix:/run/a%3Ab%20c.sock:/'), ['/run/a:b c.sock', '/']);
    assert.equal(addressOf('ws+unix:/run/a.sock:/').authority, 'localhost');
  });

  test('wss+unix is TLS over one', () => {
    assert.equal(addressOf('ws+unix:/run/a.sock:/').secure, false);
    assert.equal(addressOf('wss+unix:/run/a.sock:/').secure, true);
    assert.equal(addressOf('wss+unix:/run/a.sock:/').port, 443);
  });

  test('no socket, and two of them, are TypeErrors', () => {
    assert.throws(() => addressOf('ws+unix:'), /^TypeError: the URL must name a socket/);
    assert.throws(() => addressOf('ws+unix:///'), /^TypeError: the URL must name a socket/);
    assert.throws(() => addressOf('ws+unix:/a:/b', '/c'), /^TypeError: .*socketPath/);
  });
});

describe('credentials in URLs', () => {
  test('RFC 7617 §2: they become Basic, decoded, as UTF-8', () => {
    const decoded = (url: string): string => {
      const { authorization = '' } = addressOf(url);
      return Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
    };
    assert.equal(decoded('ws://user:pass@a/'), 'user:pass');
    assert.equal(decoded('ws://us%3Aer:p%40ss@a/'), 'us:er:p@ss');
    assert.equal(decoded('ws://J%C3%BCrgen:%E2%82%AC@a/'), 'Jürgen:€');
    assert.equal(decoded('ws://user@a/'), 'user:');
    assert.equal(decoded('ws://:pass@a/'), ':pass');
    assert.equal(addressOf('ws://a/').authorization, undefined);
  });

  test('nothing else keeps them', () => {
    const { url, authority, target } = addressOf('ws://user:pass@a/b');
    assert.equal(url.href, 'ws://a/b');
    assert.equal(authority, 'a');
    assert.equal(target, '/b');
  });

  test('a percent sign that escapes nothing is a TypeError', () => {
    assert.throws(() => addressOf('ws://us%zz:pass@a/'), TypeError);
  });
});

describe('what is no URL for a WebSocket is a TypeError', () => {
  test('other schemes and broken URLs', () => {
    for (const url of ['ftp://a/', 'file:///a', 'data:,a', 'wsx://a']) {
      assert.throws(
        () => addressOf(url),
        /^TypeError: the URL must begin with one of ws:, .*wss:/,
        url,
      );
    }
    for (const url of ['', 'a', '/a', 'ws://', 'ws://a:99999', 'ws://[', 'ws://a b/']) {
      assert.throws(() => addressOf(url), /^TypeError: the URL must be absolute/, url);
    }
    assert.throws(
      () => addressOf('ws://user:secret@a:99999/'),
      (error: TypeError) => {
        return !error.message.includes('secret');
      },
    );
    for (const url of [undefined, null, 5, {}]) {
      assert.throws(() => addressOf(url as string), /^TypeError: .*string or a URL/);
    }
  });

  test('RFC 6455 §3: a fragment, be it empty', () => {
    assert.throws(() => addressOf('ws://a/#b'), /^TypeError: .*fragment/);
    assert.throws(() => addressOf('ws://a/#'), /^TypeError: .*fragment/);
    assert.equal(addressOf('ws://a/%23b').target, '/%23b');
  });

  test('F112: C-60: line breaks and other control characters', () => {
    for (const url of ['ws://a/b\r\nX: y', 'ws://a\n/', 'ws://a/\tb', 'ws://a/\0', '\x7fws://a/']) {
      assert.throws(() => addressOf(url), /^TypeError: .*control characters/, JSON.stringify(url));
    }
  });
});

test('RFC 6066 §3: an IP address is no server name', () => {
  assert.equal(serverName('example.com'), 'example.com');
  assert.equal(serverName('127.0.0.1'), undefined);
  assert.equal(serverName('::1'), undefined);
});
