import {
  flag,
  integer,
  nested,
  orFalse,
  type Rule,
  type Rules,
  wrongType,
} from './option-rules.ts';

/** How permessage-deflate works when it is on (RFC 7692). */
export interface CompressionOptions {
  /** Messages shorter than this are sent as they are, in bytes. Default: 1 024. */
  readonly threshold?: number;
  /** zlib's level, 0–9. Default: 6. */
  readonly level?: number;
  /** zlib's memory level, 1–9. Default: 5. */
  readonly memoryLevel?: number;
  /** The largest window of this side's deflater, 8–15 bits. Default: 12. */
  readonly windowBits?: number;
  /** The largest window asked of the peer's deflater, 8–15 bits. Default: 12. */
  readonly peerWindowBits?: number;
  /** Whether this side's deflater keeps its window between messages. Default: false. */
  readonly contextTakeover?: boolean;
  /** Whether the peer's deflater may keep its window between messages. Default: false. */
  readonly peerContextTakeover?: boolean;
  /**
   * The most bytes to inflate for each byte of a message received, beyond the first 64 KiB; more
   * fails with 1009. Default: 100; Infinity turns it off.
   */
  readonly maxRatio?: number;
}

const defaults = Object.freeze({
  threshold: 1024,
  level: 6,
  memoryLevel: 5,
  windowBits: 12,
  peerWindowBits: 12,
  contextTakeover: false,
  peerContextTakeover: false,
  maxRatio: 100,
});

const ratio: Rule<number> = (value, name) => {
  const expected = 'a number of at least 1, or Infinity';
  if (typeof value !== 'number') throw wrongType(name, expected, value);
  if (value >= 1) return value;
  throw new RangeError(`${name} must be ${expected}, but is ${value}`);
};

const rules: Rules<Required<CompressionOptions>> = {
  threshold: integer(0),
  level: integer(0, 9),
  memoryLevel: integer(1, 9),
  windowBits: integer(8, 15),
  peerWindowBits: integer(8, 15),
  contextTakeover: flag,
  peerContextTakeover: flag,
  maxRatio: ratio,
};

type Resolved = Readonly<Required<CompressionOptions>>;

/** The rule of `compression`: what is not said comes from what holds otherwise, if that is on. */
export function compressionRule(otherwise: Resolved | false): Rule<Resolved | false> {
  const complete = otherwise || defaults;
  return orFalse(nested(rules, complete), complete);
}
