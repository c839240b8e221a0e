import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { TokenBucket } from '../../../src/connection/limits/token-bucket.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';

function makeBucket(rate: number, burst: number) {
  const clock = new VirtualClock();
  return { clock, bucket: new TokenBucket(rate, burst, clock) };
}

describe('TokenBucket', () => {
  test('is full at first: a whole burst passes at once, and not one more', () => {
    const { bucket } = makeBucket(10, 3);
    for (let count = 0; count < 3; count++) {
      assert.equal(bucket.wait, 0);
      bucket.take(1);
    }
    assert.equal(bucket.wait, 100);
  });

  test('tokens come back at the rate', () => {
    const { bucket, clock } = makeBucket(10, 3);
    bucket.take(3);
    clock.advance(99);
    assert.ok(bucket.wait > 0 && bucket.wait <= 1.001);
    clock.advance(1);
    assert.equal(bucket.wait, 0);
    bucket.take(1);
    assert.equal(bucket.wait, 100);
  });

  test('no more come back than the burst, however long nothing is taken', () => {
    const { bucket, clock } = makeBucket(10, 3);
    clock.advance(60_000);
    bucket.take(3);
    assert.equal(bucket.wait, 100);
    bucket.take(3);
    clock.advance(60_000);
    bucket.take(2);
    assert.equal(bucket.wait, 0);
    bucket.take(1);
    assert.equal(bucket.wait, 100);
  });

  test('what is taken beyond what is there is owed', () => {
    const { bucket, clock } = makeBucket(1_000, 1_000);
    bucket.take(65_536);
    assert.equal(Math.round(bucket.wait), 64_537);
    clock.advance(64_536);
    assert.ok(bucket.wait > 0);
    clock.advance(1.001);
    assert.equal(bucket.wait, 0);
  });

  test('a wait is never so short that no time passes', () => {
    const { bucket, clock } = makeBucket(97, 1);
    for (let count = 0; count < 10_000; count++) {
      bucket.take(1);
      const { wait } = bucket;
      assert.ok(wait === 0 || wait >= 0.01, `${wait} ms`);
      clock.advance(wait);
      assert.ok(bucket.wait === 0 || bucket.wait >= 0.01, `${bucket.wait} ms`);
    }
  });

  test('over any time exactly the burst and what came back passes', () => {
    const { bucket, clock } = makeBucket(50, 200);
    let passed = 0;
    for (let ms = 0; ms < 10_000; ms += 10) {
      while (bucket.wait === 0) {
        bucket.take(1);
        passed++;
      }
      clock.advance(10);
    }
    assert.ok(Math.abs(passed - 200 - 499) <= 1, `${passed}`);
  });

  test('a clock that takes back a stall takes no tokens', () => {
    let now = 10_000;
    const bucket = new TokenBucket(10, 3, {
      now: () => now,
      after: () => assert.fail('no deadline is needed'),
    });
    now = 4_000;
    bucket.take(2);
    assert.equal(bucket.wait, 0);
    bucket.take(1);
    now = 4_100;
    assert.equal(bucket.wait, 0);
  });
});
