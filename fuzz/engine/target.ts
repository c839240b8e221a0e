import type { Trace } from './trace.ts';

/** What came of one run: the trace, and what holds memory for as long as a peer may want. */
export interface Run {
  readonly trace: Trace;
  readonly subject: unknown;
}

/** Something that takes any bytes whatever. What it throws is a finding. */
export interface Target {
  readonly name: string;
  /** Good inputs, from which all others are made. */
  readonly seeds: readonly Uint8Array[];
  /** Words of the input's language. */
  readonly words: readonly Uint8Array[];
  /** The longest input to try, in bytes. Default: 4 096. */
  readonly maxLength?: number;
  /** Works on an input whose stream is cut in these places; what it says must not depend on them. */
  run(input: Uint8Array, cuts: readonly number[]): Run | Promise<Run>;
}

/** The longest input of a target that says nothing. */
export const defaultMaxLength = 4096;
