import assert from 'node:assert/strict';
import { test } from 'node:test';

import { noFaults } from '../../src/testing/faults.ts';
import { type FaultProxyOptions, resolveProxyOptions } from '../../src/testing/proxy-options.ts';

test('a target is a URL or a port', () => {
  const target = (given: string | number): [string, number] => {
    const { host, port } = resolveProxyOptions({ target: given }).target;
    return [host, port];
  };
  assert.deepEqual(target(8080), ['127.0.0.1', 8080]);
  assert.deepEqual(target('ws://localhost:81/echo'), ['localhost', 81]);
  assert.deepEqual(target('tcp://[::1]:82'), ['::1', 82]);
  assert.deepEqual(target('ws://example.test/'), ['example.test', 80]);
  assert.deepEqual(target('wss://example.test/'), ['example.test', 443]);
});

test('what is not given is a free port of 127.0.0.1, no fault, and a seed that can be told', () => {
  const options = resolveProxyOptions({ target: 1 });
  const { host, port, upstream, downstream, seed, clock } = options;
  assert.deepEqual([host, port, upstream, downstream], ['127.0.0.1', 0, noFaults, noFaults]);
  assert.ok(Number.isInteger(seed) && seed >= 0);
  assert.notEqual(resolveProxyOptions({ target: 1 }).seed, seed);
  const before = performance.now();
  assert.ok(clock.now() >= before);
});

test('timers by which a proxy lives run and can be cancelled', async () => {
  const { clock } = resolveProxyOptions({ target: 1 });
  clock.after(1, () => assert.fail('it was cancelled')).cancel();
  await new Promise<void>((resolve) => clock.after(2, resolve));
});

const wrong: readonly [object, RegExp][] = [
  [{}, /^TypeError: target must be a URL such as .*, or a port, but is undefined$/],
  [{ target: 0 }, /^RangeError: target must be an integer from 1 to 65535, but is 0$/],
  [{ target: true }, /^TypeError: target must be a URL such as .* but is true$/],
  [{ target: 'here' }, /^RangeError: target must be a URL such as .* but is here$/],
  [{ target: 'tcp://host' }, /^RangeError: target must be a URL such as/],
  [{ target: 1, seed: -1 }, /^RangeError: seed must be an integer of at least 0, but is -1$/],
  [{ target: 1, port: 65_536 }, /^RangeError: port must be an integer from 0 to 65535/],
  [{ target: 1, host: 1 }, /^TypeError: host must be a string/],
  [{ target: 1, clock: 1 }, /^TypeError: clock must be a clock/],
  [{ target: 1, downstream: { delay: 'x' } }, /^TypeError: downstream.delay must be an integer/],
  [{ target: 1, faults: {} }, /^TypeError: unknown option faults; allowed are target, seed/],
];

for (const [given, message] of wrong) {
  test(`a wrong option is an error that names it: ${JSON.stringify(given)}`, () => {
    assert.throws(
      () => resolveProxyOptions(given as FaultProxyOptions),
      (error: Error) => message.test(String(error)),
    );
  });
}
