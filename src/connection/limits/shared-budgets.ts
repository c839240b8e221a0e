import { heapLimit } from '#platform';

import { MemoryBudget } from './memory-budget.ts';

const MOST = 256 * 1024 * 1024;

/** The memory of this process for what comes in and for what goes out. */
export interface MemoryBudgets {
  readonly input: MemoryBudget;
  readonly output: MemoryBudget;
}

/** What a quarter of the heap allows, at most 256 MiB, in bytes. */
export function budgetFor(heap: number): number {
  return Math.min(MOST, Math.floor(heap / 4));
}

/** The budgets of all connections that have none of their own. */
export const sharedBudgets: MemoryBudgets = Object.freeze({
  input: new MemoryBudget(budgetFor(heapLimit())),
  output: new MemoryBudget(budgetFor(heapLimit())),
});
