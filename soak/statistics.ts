/** One measurement: when, in seconds, and how much. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A straight line through points, and how sure its slope is. */
export interface Trend {
  /** Change of y for one unit of x, by least squares. */
  readonly slope: number;
  /** The slope is larger than this with 99 % confidence; minus infinity below three points. */
  readonly lowerBound: number;
}

/** The one-sided 99 % quantiles of Student's t for 1 to 10 degrees of freedom. */
const quantiles = [31.821, 6.965, 4.541, 3.747, 3.365, 3.143, 2.998, 2.896, 2.821, 2.764] as const;

/** The one-sided 99 % quantile of the normal distribution. */
const normal = 2.326_348;

/** Gives the middle value, or the mean of the two middle ones; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Gives the one-sided 99 % quantile of Student's t, to a hundredth. */
export function studentQuantile(degrees: number): number {
  const known = quantiles[degrees - 1];
  if (known !== undefined) return known;
  const first = (normal ** 3 + normal) / 4;
  const second = (5 * normal ** 5 + 16 * normal ** 3 + 3 * normal) / 96;
  return normal + first / degrees + second / degrees ** 2;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Fits a line by least squares. */
export function trendOf(points: readonly Point[]): Trend {
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  if (points.length < 2 || spread === 0) return { slope: 0, lowerBound: -Infinity };
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const degrees = points.length - 2;
  if (degrees === 0) return { slope, lowerBound: -Infinity };
  const rest = points.reduce((sum, { x, y }) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  const error = Math.sqrt(rest / degrees / spread);
  return { slope, lowerBound: slope - studentQuantile(degrees) * error };
}
