import type { Figure } from '../test/attacks/harness/arena.ts';
import type { Times } from '../test/attacks/harness/meter.ts';

/** Machines are shared: a time passes below this many times what it is without the attack. */
const CONTROL_FACTOR = 5;

/** A figure beside its bound. */
export interface Judged extends Figure {
  readonly passed: boolean;
}

function judged(name: string, value: number, bound: number, unit: string): Judged {
  return { name, value, bound, unit, passed: value <= bound };
}

/** Judges how others fared during an attack against how they fared without it. */
export function judgeTimes(times: Times, control: Times): Judged[] {
  const bound = (stated: number, alone: number) => Math.max(stated, CONTROL_FACTOR * alone);
  return [
    judged('canary p99', times.canaryP99, bound(50, control.canaryP99), 'ms'),
    judged('canary max', times.canaryMax, bound(250, control.canaryMax), 'ms'),
    judged('loop block', times.block, bound(50, control.block), 'ms'),
  ];
}

/** Judges the figures of inputs, the worst of each name; times against the control's. */
export function judgeFigures(figures: readonly Figure[], control: Times): Judged[] {
  const worst = new Map<string, Figure>();
  for (const figure of figures) {
    const known = worst.get(figure.name);
    if (known === undefined || figure.value > known.value) worst.set(figure.name, figure);
  }
  return [...worst.values()].map(({ name, value, bound, unit }) => {
    const alone = unit === 'ms' ? CONTROL_FACTOR * control.canaryMax : 0;
    return judged(name, value, Math.max(bound, alone), unit);
  });
}

/** The worse of two measurements in each respect. */
export function worse(one: Times, other: Times): Times {
  return {
    canaryP99: Math.max(one.canaryP99, other.canaryP99),
    canaryMax: Math.max(one.canaryMax, other.canaryMax),
    block: Math.max(one.block, other.block),
  };
}
