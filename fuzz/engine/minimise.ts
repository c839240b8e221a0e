/** How often at most an input is tried while it is made smaller. */
const MAX_TRIALS = 2000;

/**
 * Makes an input smaller for as long as `stillFails`: takes parts out, the largest first, then turns
 * what is left into zeros. The result fails as the input did.
 */
export async function minimise(
  input: Uint8Array,
  stillFails: (smaller: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let trials = 0;
  const tries = async (smaller: Uint8Array): Promise<boolean> =>
    ++trials <= MAX_TRIALS && (await stillFails(smaller));
  let best = input;
  for (let size = best.length; size >= 1; size = Math.floor(size / 2)) {
    best = await withoutParts(best, size, tries);
  }
  return withZeros(best, tries);
}

async function withoutParts(
  input: Uint8Array,
  size: number,
  tries: (smaller: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let best = input;
  let at = 0;
  while (at < best.length) {
    const smaller = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
    if (await tries(smaller)) best = smaller;
    else at += size;
  }
  return best;
}

async function withZeros(
  input: Uint8Array,
  tries: (smaller: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let best = Uint8Array.from(input);
  for (let at = 0; at < best.length; at++) {
    if (best[at] === 0) continue;
    const simpler = best.with(at, 0);
    if (await tries(simpler)) best = simpler;
  }
  return best;
}
