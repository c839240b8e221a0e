import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  closeOptionsOf,
  closeOrder,
  isCloseOrder,
  isReport,
} from '../../../src/server/workers/messages.ts';

test('an order to close survives JSON, an endless deadline as well', () => {
  for (const options of [
    { code: 1001, deadline: 10_000 },
    { code: 4000, deadline: Infinity },
  ]) {
    const message: unknown = JSON.parse(JSON.stringify(closeOrder(3, options)));
    assert.ok(isCloseOrder(message));
    assert.deepEqual([message.server, closeOptionsOf(message)], [3, options]);
  }
});

test('an application has messages of its own', () => {
  for (const message of [undefined, null, 'close', 7, {}, { hawser: 'other' }]) {
    assert.deepEqual([isReport(message), isCloseOrder(message)], [false, false]);
  }
  assert.ok(isReport({ hawser: 'report', server: 0, closed: true }));
});
