/** The middle of some values, and how far they reach. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The median; NaN when there are no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (Number.isInteger(middle)) return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return sorted[Math.floor(middle)] ?? NaN;
}

/** The median with the least and the greatest value. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Divides the values of the same round, where both rounds have one. */
export function ratios(
  over: readonly (number | undefined)[],
  under: readonly (number | undefined)[],
): number[] {
  return over.flatMap((value, round) => {
    const other = under[round];
    return value === undefined || other === undefined || other === 0 ? [] : [value / other];
  });
}

/** A number in few figures: three where that says all, whole ones with separated thousands. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
