import type { Results } from '../report/report.ts';
import type { Matrix } from '../report/results.ts';

/** The major version of a Node version. */
const majorOf = (version: string): string => version.split('.', 1).join('');

/** Finds the newest committed matrix, one of the same line of Node before any other. */
export function baselineOf(results: Iterable<Results>, node: string): Matrix | undefined {
  const matrices = [...results]
    .flatMap((one) => (one.kind === 'matrix' ? [one] : []))
    .toSorted((a, b) => b.date.localeCompare(a.date));
  const same = matrices.find(({ machine }) => majorOf(machine.node) === majorOf(node));
  return same ?? matrices[0];
}

/** The committed ratio of hawser by the name of each workload. */
export function ratiosOf({ workloads }: Matrix): ReadonlyMap<string, number> {
  const entries = workloads.flatMap(({ id, peers }) => {
    const ratio = peers.find(({ peer }) => peer === 'hawser')?.ratio?.median;
    return ratio === undefined ? [] : [[id, ratio] as const];
  });
  return new Map(entries);
}

/** The part of a ratio that may be lost. */
export const tolerated = 0.15;

/** What part of a committed ratio is lost; below 0 when it is better now. */
export function lossOf(committed: number, now: number, measures: 'cpu' | 'memory'): number {
  return measures === 'cpu' ? 1 - now / committed : 1 - committed / now;
}
