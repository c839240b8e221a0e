import assert from 'node:assert/strict';
import { test } from 'node:test';

import { resolveOptions } from '../../../src/connection/options/option-rules.ts';
import {
  checkListenOptions,
  endpointDefaults,
  endpointRules,
  listenDefaults,
  listenRules,
} from '../../../src/server/options/options.ts';

function resolve(options: object, defaults = endpointDefaults) {
  return resolveOptions(options, endpointRules(defaults), defaults);
}

test('the defaults are those of the documentation', () => {
  const resolved = resolve({});
  assert.equal(resolved.maxMessageSize, 1_048_576);
  assert.equal(resolved.handshakeTimeout, 10_000);
  assert.equal(resolved.origins, 'same');
  assert.equal(resolved.compression, false);
  assert.deepEqual(resolved.headLimits, {
    headSize: 16_384,
    lineSize: 8_192,
    lines: 100,
    targetSize: 8_192,
  });
  assert.ok(Object.isFrozen(resolved));
});

test('nested objects are completed key by key from the defaults given', () => {
  const server = resolve({ heartbeat: { interval: 1_000 }, headLimits: { lines: 10 } });
  const one = resolve({ heartbeat: { timeout: 5 }, headLimits: { lineSize: 100 } }, server);
  assert.deepEqual(one.heartbeat, { interval: 1_000, timeout: 5 });
  assert.deepEqual(one.headLimits, {
    headSize: 16_384,
    lineSize: 100,
    lines: 10,
    targetSize: 8_192,
  });
});

const wrong: readonly (readonly [object, RegExp])[] = [
  [{ origins: 'all' }, /^origins must be 'same', 'any', a function or an array of origins/],
  [{ origins: ['example.com'] }, /^origins\[\] must be an origin such as https:\/\/example.com/],
  [{ origins: ['https://example.com/'] }, /^origins\[\] must be an origin/],
  [{ origins: [1] }, /^origins\[\] must be a string or a RegExp/],
  [{ trustProxy: 'yes' }, /^trustProxy must be true, false, a number of proxies or an array/],
  [{ trustProxy: 1.5 }, /^trustProxy must be an integer from 0 to 100, but is 1.5/],
  [{ trustProxy: -1 }, /^trustProxy must be an integer from 0 to 100/],
  [{ trustProxy: NaN }, /^trustProxy must be an integer from 0 to 100/],
  [{ trustProxy: ['proxy.local'] }, /^trustProxy\[\] must be an IP address or a subnet/],
  [{ trustProxy: ['10.0.0.0/33'] }, /^trustProxy\[\]/],
  [{ trustProxy: ['::1/129'] }, /^trustProxy\[\]/],
  [{ trustProxy: [1] }, /^trustProxy\[\]/],
  [{ subprotocols: 'chat' }, /^subprotocols must be an array of strings/],
  [{ subprotocols: ['a b'] }, /^subprotocols must be tokens/],
  [{ requireSubprotocol: 1 }, /^requireSubprotocol must be true or false/],
  [{ handshakeTimeout: 0 }, /^handshakeTimeout must be/],
  [{ headLimits: { lines: 0 } }, /^headLimits\.lines must be/],
  [{ headLimits: { line: 1 } }, /^unknown option headLimits\.line; allowed are headSize/],
  [{ authorize: {} }, /^authorize must be a function/],
  [{ maxMessageSize: '1mb' }, /^maxMessageSize must be/],
  [{ maxMessageSize: -1 }, /^maxMessageSize must be/],
  [{ maxMessageSize: Number.NaN }, /^maxMessageSize must be/],
  [{ maxMessageSize: 2 ** 53 }, /^maxMessageSize must be/],
  [{ maxMesageSize: 1 }, /^unknown option maxMesageSize; allowed are .*maxMessageSize/],
];

test('RX-07: a wrong option is an error that names it and what is allowed', () => {
  for (const [options, message] of wrong) {
    assert.throws(
      () => resolve(options),
      (error: Error) => {
        assert.ok(error instanceof TypeError || error instanceof RangeError);
        assert.match(error.message, message);
        return true;
      },
    );
  }
});

test('lists are copied and frozen', () => {
  const subprotocols = ['a'];
  const origins = ['https://a.example', /b/];
  const trustProxy = ['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8'];
  const resolved = resolve({ subprotocols, origins, trustProxy });
  subprotocols.push('b');
  origins.push('https://c.example');
  trustProxy.push('0.0.0.0/0');
  assert.deepEqual(resolved.subprotocols, ['a']);
  assert.deepEqual(resolved.origins, ['https://a.example', /b/]);
  assert.equal(Array.isArray(resolved.trustProxy) && resolved.trustProxy.length, 4);
  for (const list of [resolved.subprotocols, resolved.origins, resolved.trustProxy]) {
    assert.ok(Object.isFrozen(list));
  }
});

test('undefined means not given', () => {
  assert.deepEqual(resolve({ origins: undefined, maxFragments: undefined }), resolve({}));
});

test('a server listens on a port or on a path, not on both or nothing', () => {
  const check = (options: object) =>
    checkListenOptions(resolveOptions(options, listenRules, listenDefaults));
  check({ port: 0 });
  check({ port: 65_535, host: '::1' });
  check({ path: 'socket' });
  assert.throws(() => check({}), { name: 'TypeError', message: /^port or path must be given/ });
  assert.throws(() => check({ path: 'a', port: 1 }), { name: 'TypeError', message: /^path must/ });
  assert.throws(() => check({ path: 'a', host: 'b' }), {
    name: 'TypeError',
    message: /^path must/,
  });
  assert.throws(() => check({ port: 65_536 }), { name: 'RangeError', message: /^port must/ });
  assert.throws(() => check({ port: '80' }), { name: 'TypeError', message: /^port must/ });
  assert.throws(() => check({ port: 0, request: 1 }), { message: /^request must be a function/ });
});

test('nothing is checked inside tls', () => {
  const tls = { whatever: 1 };
  assert.equal(resolveOptions({ port: 0, tls }, listenRules, listenDefaults).tls, tls);
});

test('tls is an object, whatever else it may be', () => {
  for (const tls of [true, false, null, 'key', []]) {
    const resolve = () => resolveOptions({ port: 0, tls }, listenRules, listenDefaults);
    const message = /^tls must be an object of node:tls options, .* but is (?:\w+|"key"|an array)$/;
    assert.throws(resolve, { name: 'TypeError', message });
  }
});
