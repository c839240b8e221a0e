import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { CloseInfo } from 'hawser';

import { CloseLog } from '../../demo/close-log.ts';

const info: CloseInfo = {
  code: 1000,
  reason: 'bye',
  wasClean: true,
  initiator: 'peer',
  receivedCode: 1000,
  phase: 'open',
  bufferedAmount: 0,
  retryable: false,
};

test('demo: a CloseInfo is kept whole, with the name of its code', () => {
  const log = new CloseLog();
  log.add('key', info);
  assert.deepEqual(log.find('key'), { ...info, codeName: 'Normal' });
  assert.equal(log.find('other'), undefined);
});

test('demo: an error becomes name, message and code, and survives JSON', () => {
  const log = new CloseLog();
  const error = Object.assign(new Error('connection reset'), { code: 'ECONNRESET' });
  log.add('key', { ...info, code: 4321, error });
  const { error: kept, codeName } = JSON.parse(JSON.stringify(log.find('key')));
  assert.deepEqual(kept, { name: 'Error', message: 'connection reset', code: 'ECONNRESET' });
  assert.equal(codeName, null);
});

test('demo: of many endings only the latest are kept', () => {
  const log = new CloseLog(2);
  log.add('one', info);
  log.add('two', info);
  log.add('one', { ...info, code: 1001 });
  log.add('three', info);
  assert.equal(log.find('two'), undefined);
  assert.equal(log.find('one')?.code, 1001);
  assert.ok(log.find('three'));
});
