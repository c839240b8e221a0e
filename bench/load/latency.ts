import { createHistogram } from 'node:perf_hooks';

/** How long messages took, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** Collects how long messages took. */
export class Latency {
  readonly #histogram = createHistogram();

  /** Records one, in milliseconds. */
  record(milliseconds: number): void {
    this.#histogram.record(Math.max(1, Math.round(milliseconds * 1e6)));
  }

  reset(): void {
    this.#histogram.reset();
  }

  percentiles(): Percentiles | undefined {
    if (this.#histogram.count === 0) return undefined;
    const at = (percent: number): number => this.#histogram.percentile(percent) / 1e6;
    return { p50: at(50), p99: at(99) };
  }
}
