/** A part of the library by itself, beside the plainest way to do the same. */
export interface Piece {
  readonly id: string;
  readonly title: string;
  /** Operations of one call. */
  readonly operations: number;
  /** The library's way. */
  readonly own: () => unknown;
  /** The plainest way: loops over bytes, a copy for each step, what Node has built in. */
  readonly plain: () => unknown;
}
