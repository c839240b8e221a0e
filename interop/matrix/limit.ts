import type { Deflate } from '../subject/subject.ts';

/** What a peer can do beside echoing; each names the checks that need it. */
export type Ability = 'fragments' | 'ping' | 'empty-close' | 'subprotocol' | 'empty-in-window';

const abilities: readonly Ability[] = [
  'fragments',
  'ping',
  'empty-close',
  'subprotocol',
  'empty-in-window',
];

/** What a peer cannot do, and why; said aloud with every table. */
export interface Limit {
  /** The checks left out; none when the limit only changes how the row is run. */
  readonly lacks?: Ability;
  /** The rows it concerns; all when not given. */
  readonly deflate?: Deflate;
  readonly because: string;
}

/** All abilities but those a limit takes away. */
export function abilitiesWithin(limits: readonly Limit[], deflate: Deflate): ReadonlySet<Ability> {
  const concerned = limits.filter((limit) => (limit.deflate ?? deflate) === deflate);
  return new Set(abilities.filter((ability) => concerned.every(({ lacks }) => lacks !== ability)));
}

/** One line that says what is not tried, where, and why. */
export function describeLimit({ lacks, deflate, because }: Limit): string {
  const what = lacks === undefined ? '' : `no '${lacks}' checks: `;
  return `${what}${because}${deflate === undefined ? '' : ` (deflate ${deflate})`}`;
}
