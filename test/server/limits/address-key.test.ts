import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addressKey } from '../../../src/server/limits/address-key.ts';

test('an IPv4 address is one, however it is written', () => {
  for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:192.0.2.7']) {
    assert.equal(addressKey(address), '192.0.2.7');
  }
});

test('the addresses of one /64 are one', () => {
  const cases = [
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8::5:6:7:8:9', '2001:db8:0:5::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:192.0.2.33', '1:2:3:4::/64'],
  ] as const;
  for (const [address, key] of cases) assert.equal(addressKey(address), key, address);
});

test('a peer without address is nobody', () => {
  assert.equal(addressKey(undefined), undefined);
  assert.equal(addressKey(''), undefined);
});
