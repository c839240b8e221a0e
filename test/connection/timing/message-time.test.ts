import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MessageTime } from '../../../src/connection/timing/message-time.ts';

test('FG-09: its time is up after the timeout, whatever came in its first half', () => {
  const time = new MessageTime(1_000, 10);
  time.onBytes(1_000_000);
  assert.equal(time.due, 510);
  assert.equal(time.isOver(509), false);
  assert.equal(time.isOver(510), false);
  assert.equal(time.due, 1_010);
  assert.equal(time.isOver(1_009), false);
  assert.equal(time.isOver(1_010), true);
});

test('a look that comes late does not move the end', () => {
  const time = new MessageTime(1_000, 0);
  time.isOver(519);
  assert.equal(time.due, 1_000);
  assert.equal(time.isOver(1_000), true);
});

test('slow at first is not too slow; then 2 KiB/s are asked for in each half of the timeout', () => {
  const time = new MessageTime(1_000, 0);
  assert.equal(time.isOver(500), false);
  time.onBytes(1_024);
  assert.equal(time.isOver(1_000), false);
  time.onBytes(1_024);
  assert.equal(time.due, 1_500);
  assert.equal(time.isOver(1_500), false);
  time.onBytes(1_023);
  assert.equal(time.isOver(2_000), true);
});

test('begun anew, it has all its time again', () => {
  const time = new MessageTime(1_000, 0);
  time.isOver(500);
  time.beginAnew(900);
  assert.equal(time.due, 1_400);
  time.isOver(1_400);
  assert.equal(time.isOver(1_900), true);
});

test('Infinity is never', () => {
  const time = new MessageTime(Infinity, 0);
  assert.equal(time.due, Infinity);
});
