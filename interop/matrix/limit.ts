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
  /** The rows it concerns: these ways to compress, and the subject's role; else all. */
  readonly deflate?: readonly Deflate[];
  readonly role?: 'client' | 'server';
  readonly because: string;
}

/** All abilities but those a limit takes away. */
export function abilitiesWithin(
  limits: readonly Limit[],
  deflate: Deflate,
  role: 'client' | 'server' | 'both',
): ReadonlySet<Ability> {
  const concerned = limits.filter(
    (limit) => (limit.role ?? role) === role && (limit.deflate?.includes(deflate) ?? true),
  );
  return new Set(abilities.filter((ability) => concerned.every(({ lacks }) => lacks !== ability)));
}

/** One line that says what is not tried, where, and why. */
export function describeLimit({ lacks, deflate, role, because }: Limit): string {
  const what = lacks === undefined ? '' : `no '${lacks}' checks: `;
  const where = [
    ...(role === undefined ? [] : [`hawser is ${role}`]),
    ...(deflate === undefined ? [] : [`deflate ${deflate.join(', ')}`]),
  ];
  return `${what}${because}${where.length === 0 ? '' : ` (${where.join('; ')})`}`;
}
