import { pieces } from '../../fuzz/engine/cuts.ts';
import type { Run, Target } from '../../fuzz/engine/target.ts';

const kept: Uint8Array[] = [];

/** Three bytes in a row: no mutation is likely to guess them all at once. */
function isCursed(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x82) return false;
  if (bytes[1] !== 0x7f) return false;
  return bytes[2] === 0xc1;
}

const nothing: Run = { trace: [], subject: undefined };

const target = (name: string, run: Target['run'], maxLength = 12): Target => ({
  name,
  seeds: [Buffer.from('a seed')],
  words: [],
  maxLength,
  run,
});

/** Throws for three bytes in a row. */
export const crashing = target('crashing', (input) => {
  if (isCursed(input)) throw new Error('cursed');
  return nothing;
});

/** Takes any input. */
export const healthy = target('healthy', (input) => ({
  trace: [['cursed', isCursed(input)]],
  subject: undefined,
}));

/** Works too long on inputs that begin with a zero. */
export const slow = target(
  'slow',
  (input) => {
    const { user } = process.cpuUsage();
    while (input[0] === 0 && process.cpuUsage().user - user < 25_000);
    return nothing;
  },
  2,
);

/** Keeps what inputs that begin with a zero promise. */
export const greedy = target('greedy', (input) => {
  if (input[0] === 0) kept.push(new Uint8Array(2 << 20));
  return nothing;
});

/** Says how many pieces it was given. */
export const fickle = target('fickle', (input, cuts) => ({
  trace: [['pieces', pieces(input, cuts).length]],
  subject: undefined,
}));

/** Never settles. */
export const silent = target('silent', () => new Promise<Run>(() => {}));
