import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';

import fc from 'fast-check';

import { ProtocolError } from '../../../src/protocol/errors.ts';
import { Utf8Validator } from '../../../src/protocol/receiving/utf8.ts';
import { atEveryCut, feed, unhex } from '../../support/recorder.ts';
import { invalidUtf8, nonCharacters } from '../../support/vectors.ts';

function isValid(bytes: Uint8Array, cuts: readonly number[]): boolean {
  const validator = new Utf8Validator();
  try {
    feed((chunk) => validator.push(chunk, 0, chunk.length), bytes, cuts);
    validator.finish();
    return true;
  } catch (error) {
    if (error instanceof ProtocolError && error.violation === 'INVALID_UTF8') return false;
    throw error;
  }
}

/** How many bytes are taken before the first one is refused. */
function refusedAt(bytes: Uint8Array): number {
  const validator = new Utf8Validator();
  for (let at = 0; at < bytes.length; at++) {
    try {
      validator.push(bytes, at, at + 1);
    } catch {
      return at;
    }
  }
  return bytes.length;
}

test('C-32, F034: what is not UTF-8 is refused, at every cut', () => {
  for (const text of invalidUtf8) {
    const bytes = unhex(text);
    atEveryCut(bytes, (cuts) => assert.equal(isValid(bytes, cuts), false, text));
  }
});

test('F038: the 34 non-characters are valid, at every cut', () => {
  assert.equal(nonCharacters.length, 34);
  for (const character of nonCharacters) {
    const bytes = Buffer.from(character);
    atEveryCut(bytes, (cuts) => assert.equal(isValid(bytes, cuts), true));
  }
});

test('RFC 3629 §4: the first and the last character of each length are valid, at every cut', () => {
  for (const character of '\0\x7f\x80\u07ff\u0800\u0fff\u1000\ud7ff\ue000\uffff\u{10000}\u{10ffff}') {
    for (const text of [character, `${'x'.repeat(30)}${character}`]) {
      const bytes = Buffer.from(text);
      atEveryCut(bytes, (cuts) => assert.equal(isValid(bytes, cuts), true, bytes.toString('hex')));
    }
  }
});

test('F036: a piece fails at the first byte that cannot be part of UTF-8', () => {
  const rows: [hex: string, taken: number][] = [
    ['61ff', 1],
    ['c1', 0],
    ['f5', 0],
    ['e080', 1],
    ['eda0', 1],
    ['f08f', 1],
    ['f490', 1],
    ['e28228', 2],
    ['f0908028', 3],
    ['c2e2', 1],
  ];
  for (const [text, taken] of rows) assert.equal(refusedAt(unhex(text)), taken, text);
});

test('RFC 6455 §8.1: long text is checked at every cut around its characters', () => {
  const bytes = Buffer.from('aé€😀'.repeat(12));
  atEveryCut(bytes, (cuts) => assert.equal(isValid(bytes, cuts), true));
  for (const broken of ['ff', 'eda080', 'e282']) {
    const wrong = Buffer.concat([bytes, unhex(broken), Buffer.from('x')]);
    atEveryCut(wrong, (cuts) => assert.equal(isValid(wrong, cuts), false));
  }
});

test('every cut of random bytes gives what the platform says of the whole', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 6 }),
    fc.constantFrom(...invalidUtf8).map(unhex),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 4 }), fc.array(fc.nat(120)), (pieces, cuts) => {
      const bytes = Buffer.concat(pieces);
      assert.equal(isValid(bytes, cuts), isUtf8(bytes));
    }),
  );
});

test('a validator may be used for one text after another', () => {
  const validator = new Utf8Validator();
  for (let round = 0; round < 3; round++) {
    validator.push(Buffer.from('é'), 0, 1);
    validator.push(Buffer.from('é'), 1, 2);
    validator.finish();
  }
});
