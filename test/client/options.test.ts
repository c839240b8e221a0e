import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type ConnectOptions, resolveConnectOptions } from '../../src/client/options.ts';
import { clientDefaults } from '../../src/connection/options/options.ts';

const resolve = (options: object) => resolveConnectOptions(options as ConnectOptions);

describe('client options', () => {
  test('the defaults are those of the documentation, frozen', () => {
    const resolved = resolve({});
    assert.deepEqual(resolved, {
      ...clientDefaults,
      subprotocols: [],
      requireSubprotocol: true,
      headers: [],
      origin: undefined,
      tls: {},
      socketPath: undefined,
      connectTimeout: 10_000,
      handshakeTimeout: 10_000,
      signal: undefined,
      handler: undefined,
    });
    assert.equal(resolved.maxMessageSize, 16 * 1024 * 1024);
    assert.equal(resolved.backpressure.hard, 16 * 1024 * 1024);
    assert.ok(Object.isFrozen(resolved));
  });

  test('what is undefined is not given', () => {
    const given = Object.fromEntries(Object.keys(resolve({})).map((key) => [key, undefined]));
    assert.deepEqual(resolve(given), resolve({}));
  });

  test('options of the connection are taken and completed', () => {
    const resolved = resolve({ maxMessageSize: 100, heartbeat: false, compression: true });
    assert.equal(resolved.maxMessageSize, 100);
    assert.equal(resolved.heartbeat, false);
    assert.ok(resolved.compression !== false && resolved.compression.windowBits === 12);
  });

  test('an unknown option is a TypeError that names it, at any depth', () => {
    assert.throws(() => resolve({ maxMesageSize: 1 }), /^TypeError: unknown option maxMesageSize/);
    assert.throws(() => resolve({ redirects: 1 }), /^TypeError: unknown option redirects/);
    assert.throws(() => resolve({ proxy: 'x' }), /^TypeError: unknown option proxy/);
    assert.throws(() => resolve({ heartbeat: { every: 1 } }), /TypeError: .*heartbeat\.every/);
    assert.throws(() => resolve(5 as unknown as object), TypeError);
  });

  test('a wrong value is an error that names its option', () => {
    const wrong: Record<string, unknown[]> = {
      subprotocols: [5, {}, ['a b'], [5], ['a', 'a'], ''],
      requireSubprotocol: ['yes', 1, null],
      headers: ['a: b', 5, null],
      origin: [5, null],
      socketPath: [5, null],
      connectTimeout: [0, -1, Number.NaN, '10s', 2 ** 31, null],
      handshakeTimeout: [0, -1, Number.NaN, '10s', 2 ** 31, null],
      tls: [true, false, 5, 'ca', null, []],
      signal: [{}, null, 5],
      handler: [5, 'x', null, { message() {}, fragment() {} }],
    };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) {
        assert.throws(
          () => resolve({ [name]: value }),
          (error: Error) =>
            /^(?:Type|Range)Error$/.test(error.name) && error.message.includes(name),
          `${name}: ${String(value)}`,
        );
      }
    }
  });

  test('nothing inside tls and handler is checked', () => {
    class Chat {
      room = 'a';
    }
    const handler = new Chat();
    const tls = { whatever: true };
    const resolved = resolve({ handler, tls });
    assert.equal(resolved.handler, handler);
    assert.equal(resolved.tls, tls);
  });

  test('F118: subprotocols are a list or one', () => {
    assert.deepEqual(resolve({ subprotocols: 'chat' }).subprotocols, ['chat']);
    const list = ['a', 'b'];
    const { subprotocols } = resolve({ subprotocols: list });
    list.push('c');
    assert.deepEqual(subprotocols, ['a', 'b']);
  });
});

describe('F111: headers', () => {
  test('an object, with lists', () => {
    const headers = { 'X-A': 'b', 'X-C': ['d', 'e'], 'X-None': undefined };
    assert.deepEqual(resolve({ headers }).headers, [
      ['X-A', 'b'],
      ['X-C', 'd'],
      ['X-C', 'e'],
    ]);
  });

  test('anything that gives pairs', () => {
    assert.deepEqual(resolve({ headers: [['X-A', 'b']] }).headers, [['X-A', 'b']]);
    assert.deepEqual(resolve({ headers: new Map([['X-A', 'b']]) }).headers, [['X-A', 'b']]);
    assert.deepEqual(resolve({ headers: new Headers({ 'X-A': 'b' }) }).headers, [['x-a', 'b']]);
  });

  test('F112: C-60: injection and headers of the handshake are TypeErrors', () => {
    assert.throws(() => resolve({ headers: { 'X-A': 'b\r\nC: d' } }), /^TypeError: .*X-A/);
    assert.throws(() => resolve({ headers: { 'X A': 'b' } }), /^TypeError: .*X A/);
    assert.throws(() => resolve({ headers: { 'X-A': 5 } }), /^TypeError: .*X-A/);
    assert.throws(() => resolve({ headers: { 'X-A': null } }), /^TypeError: .*X-A/);
    for (const name of ['Upgrade', 'Sec-WebSocket-Key', 'sec-websocket-protocol', 'Connection']) {
      assert.throws(
        () => resolve({ headers: { [name]: 'x' } }),
        new RegExp(`TypeError: .*${name}`),
      );
    }
    assert.deepEqual(resolve({ headers: { Host: 'a' } }).headers, [['Host', 'a']]);
  });
});
