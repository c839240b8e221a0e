import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';

import { HeaderList } from '../../../src/handshake/header-list.ts';
import {
  clientAddress,
  proxyTrust,
  type TrustedProxies,
  withoutMapping,
} from '../../../src/server/request/trust-proxy.ts';

function address(trusted: TrustedProxies, forwarded: string | undefined, peer = '10.0.0.1') {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: peer });
  const headers = forwarded === undefined ? [] : [['X-Forwarded-For', forwarded] as const];
  return clientAddress(socket, new HeaderList(headers), proxyTrust(trusted));
}

const forwarded = '203.0.113.9, 198.51.100.7, 10.0.0.2';

test('TL-09: without trust X-Forwarded-For is nothing but a header', () => {
  for (const trusted of [false, 0, [], ['192.0.2.0/24'], ['fd00::/8']]) {
    assert.equal(address(trusted, forwarded), '10.0.0.1');
  }
});

test('TL-09: so many hops are trusted whatever their addresses, and none further', () => {
  assert.equal(address(true, forwarded), '10.0.0.2');
  assert.equal(address(1, forwarded), '10.0.0.2');
  assert.equal(address(2, forwarded), '198.51.100.7');
  assert.equal(address(3, forwarded), '203.0.113.9');
  assert.equal(address(9, forwarded), '203.0.113.9');
  assert.equal(address(1, undefined), '10.0.0.1');
});

test('TL-09: a list is followed from the peer up to the first stranger', () => {
  assert.equal(address(['10.0.0.0/8'], forwarded), '198.51.100.7');
  assert.equal(address(['10.0.0.1'], forwarded), '10.0.0.2');
  assert.equal(address(['10.0.0.0/8'], forwarded, '::ffff:10.0.0.9'), '198.51.100.7');
  assert.equal(address(['fd00::/8'], '192.0.2.1', 'fd00::5'), '192.0.2.1');
  // A trusted address in the middle of what a stranger wrote makes nobody trusted.
  assert.equal(address(['10.0.0.0/8'], '1.1.1.1, 10.9.9.9, 198.51.100.7'), '198.51.100.7');
});

test('what a proxy says may carry a port, and ends where it is no address', () => {
  assert.equal(address(1, '192.0.2.1:4711'), '192.0.2.1');
  assert.equal(address(1, '[2001:db8::1]:4711'), '2001:db8::1');
  assert.equal(address(1, '[2001:db8::1]'), '2001:db8::1');
  assert.equal(address(1, '2001:db8::1'), '2001:db8::1');
  for (const nobody of ['unknown', '', '192.0.2.1:', '1.2.3', '_hidden', '[::1', '1.2.3.4:x']) {
    assert.equal(address(1, nobody), '10.0.0.1', nobody);
  }
  assert.equal(address(2, '192.0.2.1, unknown'), '10.0.0.1');
});

test('a peer without address, as on a unix socket, is trusted by hops alone', () => {
  assert.equal(proxyTrust(1)(undefined, 0), true);
  assert.equal(proxyTrust(true)(undefined, 0), true);
  assert.equal(proxyTrust(['0.0.0.0/0', '::/0'])(undefined, 0), false);
});

test('RFC 4291 §2.5.5.2: a mapped address is an IPv4 address', () => {
  assert.equal(withoutMapping('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(withoutMapping('::ffff:c000:201'), '::ffff:c000:201');
  assert.equal(withoutMapping('2001:db8::1'), '2001:db8::1');
});
