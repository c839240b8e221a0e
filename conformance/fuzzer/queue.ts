import type { Case, Result } from '../case.ts';
import { columnOf, isPassed } from '../report/verdict.ts';

/** How many heavy cases run at a time. */
const heavyAtOnce = 5;

/** Hands out cases, few heavy ones at a time, and repeats alone what a timer cut off. */
export class CaseQueue {
  readonly results = new Map<string, Result>();
  readonly #light: Case[];
  readonly #heavy: Case[];
  readonly #again: Case[] = [];
  readonly #deadline: number;
  readonly #busy = new Set<string>();
  #waiting: (() => void)[] = [];

  /** `minutes` bounds when the last heavy case may start. */
  constructor(cases: readonly Case[], minutes = Infinity) {
    this.#light = cases.filter((test) => !isHeavy(test));
    this.#heavy = cases.filter((test) => isHeavy(test));
    this.#deadline = performance.now() + minutes * 60_000;
  }

  /** The ids that were not run because the time was over. */
  get leftOut(): string[] {
    return this.#heavy.map(({ id }) => id);
  }

  /** Gives the next case as soon as it may run; undefined when all are done. */
  async next(): Promise<Case | undefined> {
    for (;;) {
      const test = this.#pick();
      if (test !== undefined) {
        this.#busy.add(test.id);
        return test;
      }
      if (this.#busy.size === 0) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Takes the result of a case that `next` gave. */
  done(test: Case, result: Result): void {
    const first = !this.results.has(test.id);
    this.results.set(test.id, result);
    this.#busy.delete(test.id);
    if (first && result.timedOut && !isPassed(columnOf(result))) this.#again.push(test);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #pick(): Case | undefined {
    const light = this.#light.shift();
    if (light !== undefined) return light;
    const late = performance.now() > this.#deadline && this.#covered();
    if (!late && this.#heavy.length > 0)
      return this.#busy.size < heavyAtOnce ? this.#heavy.shift() : undefined;
    return this.#busy.size === 0 ? this.#again.shift() : undefined;
  }

  #covered(): boolean {
    const groups = new Set([...this.results.keys(), ...this.#busy].map((id) => id.split('.')[0]));
    return this.#heavy.every(({ id }) => groups.has(id.split('.')[0]));
  }
}

/** Whether a case moves so much that only few may run at a time. */
export function isHeavy(test: Case): boolean {
  return test.kind === 'frames' && test.heavy === true;
}
