import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapStatistics } from 'node:v8';

import { budgetFor, sharedBudgets } from '../../../src/connection/limits/shared-budgets.ts';

const MIB = 1024 * 1024;

test('a budget is a quarter of the heap, at most 256 MiB', () => {
  assert.equal(budgetFor(4_096 * MIB), 256 * MIB);
  assert.equal(budgetFor(1_024 * MIB), 256 * MIB);
  assert.equal(budgetFor(512 * MIB), 128 * MIB);
  assert.equal(budgetFor(101), 25);
});

test("the process's budgets are two, each of that size", () => {
  const expected = budgetFor(getHeapStatistics().heap_size_limit);
  assert.equal(sharedBudgets.input.limit, expected);
  assert.equal(sharedBudgets.output.limit, expected);
  assert.notEqual(sharedBudgets.input, sharedBudgets.output);
});
