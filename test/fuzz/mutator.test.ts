import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pieces, randomCuts } from '../../fuzz/engine/cuts.ts';
import { mutate } from '../../fuzz/engine/mutator.ts';
import { Random } from '../../fuzz/engine/random.ts';

const material = { words: [Buffer.from('WORD')], others: [Buffer.from('other')], maxLength: 50 };
const input = Buffer.from('an input');

function mutants(seed: number, count: number): string[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () =>
    Buffer.from(mutate(input, random, material)).toString('hex'),
  );
}

test('the same seed makes the same mutants, another one others', () => {
  assert.deepEqual(mutants(1, 200), mutants(1, 200));
  assert.notDeepEqual(mutants(1, 200), mutants(2, 200));
});

test('a mutant is no longer than allowed, and what it is made of stays as it was', () => {
  const lengths = mutants(3, 2000).map((mutant) => mutant.length / 2);
  assert.ok(lengths.every((length) => length <= 50));
  assert.ok(lengths.includes(50) && lengths.includes(0));
  assert.equal(input.toString(), 'an input');
});

test('words and parts of other inputs find their way in', () => {
  const texts = mutants(4, 2000).map((mutant) => Buffer.from(mutant, 'hex').toString('latin1'));
  for (const part of ['WORD', 'othe', 'an in']) {
    assert.ok(
      texts.some((text) => text.includes(part)),
      part,
    );
  }
});

test('even nothing can be made something of', () => {
  const random = new Random(5);
  const bare = { words: [], others: [], maxLength: 10 };
  const made = Array.from({ length: 100 }, () => mutate(new Uint8Array(0), random, bare));
  assert.ok(made.some(({ length }) => length > 0));
});

test('pieces are the stream again, each in memory of its own', () => {
  const random = new Random(6);
  for (let run = 0; run < 200; run++) {
    const stream = random.bytes(random.below(40));
    const parts = pieces(stream, randomCuts(stream.length, random));
    assert.deepEqual(Buffer.concat(parts), Buffer.from(stream));
    assert.equal(new Set(parts.map(({ buffer }) => buffer)).size, parts.length);
  }
});

test('some streams are cut at every byte, some in one place', () => {
  const random = new Random(7);
  const counts = Array.from(
    { length: 100 },
    () => pieces(new Uint8Array(9), randomCuts(9, random)).length,
  );
  assert.ok(counts.includes(9) && counts.includes(2));
});
