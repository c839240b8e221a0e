import {
  flag,
  integer,
  nested,
  oneOf,
  orFalse,
  resolveOptions,
  type Rule,
  type Rules,
  wrongType,
} from '../connection/options/option-rules.ts';

/** Which way bytes go: to the target, or to the client that connected to the proxy. */
export type Direction = 'upstream' | 'downstream';

/** How a connection ends where it is cut: in order, broken off, or without either end hearing of it. */
export type CutBy = 'fin' | 'rst' | 'hold';

/** Where a direction is cut. */
export interface CutOptions {
  /** So many bytes of the connection go this way; 0 cuts it when the first one comes. */
  readonly after: number;
  /** What both ends get then. Default: `rst`. */
  readonly by?: CutBy;
}

/** What goes wrong in one direction; each is off unless given. */
export interface Faults {
  /** Every byte is so late, in milliseconds. */
  readonly delay?: number;
  /** The most bytes per second; 0 lets nothing through. */
  readonly throttle?: number;
  /** Bytes leave in writes of seeded sizes from 1 up to this one. */
  readonly split?: number | false;
  /** The chance of each byte, from 0 to 1, that a seeded bit of it is flipped. */
  readonly corrupt?: number;
  /** Nothing is forwarded and nothing read, neither bytes nor FIN nor RST. */
  readonly hold?: boolean;
  readonly cut?: CutOptions | false;
}

/** The faults of one direction, checked and complete. */
export interface ResolvedFaults {
  readonly delay: number;
  readonly throttle: number;
  readonly split: number | false;
  readonly corrupt: number;
  readonly hold: boolean;
  readonly cut: Readonly<Required<CutOptions>> | false;
}

/** A direction without faults. */
export const noFaults: ResolvedFaults = Object.freeze({
  delay: 0,
  throttle: Infinity,
  split: false,
  corrupt: 0,
  hold: false,
  cut: false,
});

const chance: Rule<number> = (value, name) => {
  if (typeof value !== 'number') throw wrongType(name, 'a number from 0 to 1', value);
  if (value >= 0 && value <= 1) return value;
  throw new RangeError(`${name} must be a number from 0 to 1, but is ${value}`);
};

const cutRules: Rules<Required<CutOptions>> = {
  after: integer(0),
  by: oneOf('fin', 'rst', 'hold'),
};

const cut = nested<Required<CutOptions>>(cutRules, { after: 0, by: 'rst' });

const rules: Rules<ResolvedFaults> = {
  delay: integer(0, 0x7fff_ffff),
  throttle: integer(0, Number.MAX_SAFE_INTEGER, true),
  split: orFalse(integer(1)),
  corrupt: chance,
  hold: flag,
  cut: orFalse<Readonly<Required<CutOptions>>>(cut),
};

/** Checks faults and lays them over others; a wrong or unknown one is an error that names it. */
export function resolveFaults(
  given: Faults | undefined,
  current: ResolvedFaults,
  scope = '',
): ResolvedFaults {
  return resolveOptions(given, rules, current, scope);
}

/** A rule for the faults of one direction as an option. */
export const faultsRule: Rule<ResolvedFaults> = (value, name) =>
  resolveFaults(value as Faults, noFaults, name);

/** The directions a call is about; without one, both. */
export function directionsOf(direction: Direction | undefined): readonly Direction[] {
  if (direction === undefined) return ['upstream', 'downstream'];
  return [oneOf('upstream', 'downstream')(direction, 'direction')];
}
