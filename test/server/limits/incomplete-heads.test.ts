import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addressKey } from '../../../src/server/limits/address-key.ts';
import { type Incomplete, IncompleteHeads } from '../../../src/server/limits/incomplete-heads.ts';

const from = (address: string | undefined): Incomplete => ({ key: addressKey(address) ?? '' });

test('the oldest of the address that has most goes first', () => {
  const heads = new IncompleteHeads();
  const [alone, first, second, third] = ['a', 'b', 'b', 'a'].map(from);
  for (const client of [alone, first, second]) if (client) heads.add(client);
  assert.equal(heads.oldestOfBusiest(), first);
  assert.ok(first && third);
  heads.delete(first);
  assert.equal(heads.oldestOfBusiest(), alone);
  heads.add(third);
  assert.equal(heads.oldestOfBusiest(), alone);
  assert.equal(heads.size, 3);
});

test('the addresses of one /64 are one, those without address as well', () => {
  const heads = new IncompleteHeads();
  const clients = ['192.0.2.1', '2001:db8::1', '2001:db8::2', undefined, undefined].map(from);
  for (const client of clients) heads.add(client);
  const gone = [0, 1, 2, 3, 4].map(() => {
    const oldest = heads.oldestOfBusiest();
    assert.ok(oldest);
    heads.delete(oldest);
    return clients.indexOf(oldest);
  });
  assert.deepEqual(gone, [1, 3, 0, 2, 4]);
  assert.equal(heads.oldestOfBusiest(), undefined);
});

test('who is not among them is not deleted, and who is only once', () => {
  const heads = new IncompleteHeads();
  const client = from('192.0.2.1');
  assert.equal(heads.delete(client), false);
  heads.add(client);
  assert.deepEqual(heads.all(), [client]);
  assert.equal(heads.delete(from('192.0.2.1')), false);
  assert.equal(heads.delete(client), true);
  assert.equal(heads.delete(client), false);
  assert.deepEqual([heads.size, heads.all()], [0, []]);
});
