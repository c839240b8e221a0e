import assert from 'node:assert/strict';
import { test } from 'node:test';

import { coalesce, differenceOf, shapeOf, type Trace } from '../../fuzz/engine/trace.ts';

const whole: Trace = [['piece', '616263', 'text', true, true]];
const inThree: Trace = [
  ['piece', '61', 'text', true, false],
  ['piece', '62', 'text', false, false],
  ['piece', '63', 'text', false, true],
];

test('how many pieces a message came in makes no difference', () => {
  assert.equal(differenceOf(whole, inThree), undefined);
  assert.deepEqual(coalesce(inThree), whole);
});

test('pieces of two messages, or with something between them, stay apart', () => {
  const two: Trace = [...whole, ...whole];
  const parted: Trace = [inThree[0] ?? [''], ['ping', ''], ...inThree.slice(1)];
  assert.deepEqual(coalesce(two), two);
  assert.match(differenceOf(whole, parted) ?? '', /^event 0 is/);
});

test('how much of a broken message came before makes no difference, a whole message does', () => {
  const broken = ['violation', 'INVALID_UTF8'] as const;
  assert.equal(differenceOf([broken], [...inThree.slice(0, 2), broken]), undefined);
  assert.notEqual(differenceOf([broken], [...inThree, broken]), undefined);
});

test('other events, other values, another order and missing events are differences', () => {
  const trace: Trace = [
    ['text', 'a'],
    ['ping', '00'],
    ['end', 1000, ''],
  ];
  assert.equal(
    differenceOf(
      trace,
      trace.map((event) => [...event] as const),
    ),
    undefined,
  );
  for (const other of [
    trace.slice(1),
    trace.slice(0, 2),
    trace.toReversed(),
    [...trace, ['end']] as Trace,
  ]) {
    assert.notEqual(differenceOf(trace, other), undefined);
  }
  assert.notEqual(differenceOf([['end', 1000, '']], [['end', 1001, '']]), undefined);
});

test('a shape is names without values, but rules', () => {
  const trace: Trace = [
    ['text', 'a'],
    ['text', 'b'],
    ['violation', 'MASK_REQUIRED'],
  ];
  assert.equal(shapeOf(trace), 'text, violation MASK_REQUIRED');
});
