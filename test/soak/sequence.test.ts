import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { encodeMessage, makeSupply, numberOf } from '../../soak/message.ts';
import { Random } from '../../soak/random.ts';
import { noFaults, SequenceCheck } from '../../soak/sequence.ts';

function faultsOf(numbers: readonly (number | undefined)[], sent: number) {
  const faults = noFaults();
  const check = new SequenceCheck(faults);
  for (const number of numbers) check.receive(number);
  check.end(sent);
  return faults;
}

describe('soak: numbers of messages', () => {
  test('all in order: nothing wrong', () => {
    assert.deepEqual(faultsOf([0, 1, 2], 3), noFaults());
    assert.deepEqual(faultsOf([], 0), noFaults());
  });

  test('a gap and a missing end are lost', () => {
    assert.deepEqual(faultsOf([0, 3, 4], 5), { ...noFaults(), lost: 2 });
    assert.deepEqual(faultsOf([0, 1], 4), { ...noFaults(), lost: 2 });
  });

  test('what comes late is reordered, not lost', () => {
    assert.deepEqual(faultsOf([0, 2, 1], 3), { ...noFaults(), reordered: 1 });
  });

  test('what comes again is duplicated', () => {
    assert.deepEqual(faultsOf([0, 1, 1, 0], 2), { ...noFaults(), duplicated: 2 });
    assert.deepEqual(faultsOf([0, 2, 1, 1], 3), { ...noFaults(), reordered: 1, duplicated: 1 });
  });

  test('a wrong checksum is corrupt, and its number lost', () => {
    assert.deepEqual(faultsOf([0, undefined, 2], 3), { ...noFaults(), corrupt: 1, lost: 1 });
  });
});

describe('soak: messages', () => {
  const body = makeSupply(new Random(1), 1_000);

  test('text and binary give their number back', () => {
    for (const binary of [true, false]) {
      const message = encodeMessage(4_000_000_000, body, binary);
      assert.equal(typeof message === 'string', !binary);
      assert.equal(numberOf(message), 4_000_000_000);
      assert.equal(numberOf(encodeMessage(0, '', binary)), 0);
    }
  });

  test('a changed number, checksum, body or length is noticed', () => {
    const message = encodeMessage(7, body, false) as string;
    for (const at of [0, 7, 8, 15, 16, message.length - 1]) {
      const other = message[at] === '1' ? '2' : '1';
      const changed = `${message.slice(0, at)}${other}${message.slice(at + 1)}`;
      assert.equal(numberOf(changed), undefined, String(at));
    }
    assert.equal(numberOf(message.slice(0, -1)), undefined);
    assert.equal(numberOf(`${message}x`), undefined);
    assert.equal(numberOf(''), undefined);
  });

  test('the same seed makes the same supply', () => {
    assert.equal(body.length, 1_000);
    assert.equal(makeSupply(new Random(1), 1_000), body);
    assert.notEqual(makeSupply(new Random(2), 1_000), body);
  });
});
