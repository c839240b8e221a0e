// Loaded before a program: its wall clock jumps when the test says so, its monotonic clock does not.
import { onAsked } from './talk.ts';

const RealDate = Date;
let shift = 0;

class ShiftedDate extends RealDate {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(ShiftedDate.now());
    else super(...(given as [number]));
  }

  static override now(): number {
    return RealDate.now() + shift;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;

onAsked({ shift: ({ by }) => void (shift = Number(by)) });
