import type { Figure } from '../test/attacks/harness/arena.ts';
import { Meter, type Times } from '../test/attacks/harness/meter.ts';
import type { Row } from '../test/attacks/harness/row.ts';
import { Theatre } from '../test/attacks/harness/theatre.ts';
import { memory, memoryBack } from '../test/attacks/harness/vitals.ts';
import { type Judged, judgeFigures, judgeTimes, worse } from './judge.ts';

/** How long a server is watched without an attack: a tenth of the row's time, in milliseconds. */
const SHORTEST_CONTROL = 400;
const LONGEST_CONTROL = 5_000;

/** How many such looks, the last ones, make the control. */
const RECENT = 5;

/** How often a row may be run whose times are beyond their bounds: others use the machine as well. */
const ATTEMPTS = 4;

/** What came of a row. */
export interface Result {
  readonly row: Row;
  readonly failures: readonly string[];
  readonly notes: readonly string[];
  readonly figures: readonly Judged[];
  /** By how much memory grew, in bytes. */
  readonly heap: number;
  readonly rss: number;
  readonly attempts: number;
}

interface Tried {
  readonly failures: string[];
  readonly notes: string[];
  readonly figures: Figure[];
}

/** Runs rows one after the other, all against the same servers. */
export class Performance {
  readonly #theatre = new Theatre(true);
  readonly #meter = new Meter();
  readonly #controls: Times[] = [];

  /** Runs a row; again when only its times are beyond their bounds, and there is time left. */
  async run(row: Row, secondsLeft: () => number): Promise<Result> {
    const heavy = row.inputs.reduce((sum, input) => sum + (input.heavy ?? 0), 0);
    const watch = Math.min(LONGEST_CONTROL, Math.max(SHORTEST_CONTROL, heavy * 100));
    for (const { target } of row.inputs) await this.#theatre.stage(target);
    for (const stage of await this.#theatre.stages()) {
      for (const canary of stage.canaries) await canary.check();
    }
    for (let attempt = 1; ; attempt++) {
      this.#controls.push(await this.#watch(watch));
      // Others come and go on a shared machine: one short look would miss most of them.
      const control = this.#controls.slice(-RECENT).reduce(worse);
      const result = await this.#attempt(row, control, attempt);
      const late = result.figures.some(({ passed }) => !passed);
      if (!late || result.failures.length > 0 || attempt === ATTEMPTS) return result;
      if (secondsLeft() <= heavy) return result;
    }
  }

  async close(): Promise<void> {
    this.#meter.dispose();
    await this.#theatre.close();
  }

  /** How the servers fare without an attack. */
  async #watch(ms: number): Promise<Times> {
    const stages = await this.#theatre.stages();
    this.#meter.begin(stages);
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.#meter.end(stages);
  }

  async #attempt(row: Row, control: Times, attempts: number): Promise<Result> {
    const stages = await this.#theatre.stages();
    const before = memory();
    this.#meter.begin(stages);
    const { failures, notes, figures } = await this.#tryInputs(row);
    const times = this.#meter.end(stages);
    const after = await memoryBack(before).catch((error: unknown) => {
      failures.push(messageOf(error));
      return memory();
    });
    const judgedTimes = row.blocks === true ? [] : judgeTimes(times, control);
    return {
      row,
      failures,
      notes,
      figures: [...judgedTimes, ...judgeFigures(figures, control)],
      heap: after.heapUsed - before.heapUsed,
      rss: after.rss - before.rss,
      attempts,
    };
  }

  async #tryInputs({ inputs }: Row): Promise<Tried> {
    const tried: Tried = { failures: [], notes: [], figures: [] };
    const heard = new Set<string>();
    for (const input of inputs) {
      const first = !heard.has(input.target);
      heard.add(input.target);
      try {
        const { figures, notes } = await this.#theatre.perform(input, first);
        tried.figures.push(...figures);
        tried.notes.push(...notes);
      } catch (error) {
        tried.failures.push(`${input.name}: ${messageOf(error)}`);
      }
    }
    return tried;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
