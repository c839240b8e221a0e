import type { Random } from './random.ts';

/** Where to cut a stream of this length: in one place, in a few, in even pieces, at every byte. */
export function randomCuts(length: number, random: Random): number[] {
  switch (random.below(4)) {
    case 0:
      return [random.below(length + 1)];
    case 1:
      return Array.from({ length: 2 + random.below(6) }, () => random.below(length + 1));
    case 2:
      return evenCuts(length, 2 + random.below(16));
    default:
      return evenCuts(length, 1);
  }
}

/** More pieces than this take long and show nothing new. */
const MAX_PIECES = 1024;

function evenCuts(length: number, least: number): number[] {
  const size = Math.max(least, Math.ceil(length / MAX_PIECES));
  return Array.from({ length: Math.floor(length / size) }, (_, index) => (index + 1) * size);
}

/** The pieces of a stream, each in memory of its own, as a transport gives them. */
export function pieces(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const inside = [...new Set(cuts)].filter((cut) => cut > 0 && cut < stream.length);
  const ends = [...inside.toSorted((a, b) => a - b), stream.length];
  return ends.map((end, index) => Uint8Array.from(stream.subarray(ends[index - 1] ?? 0, end)));
}
