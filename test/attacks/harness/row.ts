import type { Arena, Target } from './arena.ts';

/** One thing that is tried against one target. */
export interface Input {
  readonly name: string;
  readonly target: Target;
  /** Seconds it takes, where that is too long for `npm test`. */
  readonly heavy: number | undefined;
  run(arena: Arena): Promise<void> | void;
}

/** An attack: its inputs, and what must come of them. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly expected: string;
  readonly inputs: readonly Input[];
  /** Whether it keeps the event loop busy by itself, so that times say nothing. Default: false. */
  readonly blocks?: boolean;
}

/** A way to try something. */
export type Trial = (arena: Arena) => Promise<void> | void;

/** What is tried against several targets, as one input each. */
export function against(targets: readonly Target[], name: string, run: Trial): Input[] {
  return targets.map((target) => ({ name: `${name} · ${target}`, target, heavy: undefined, run }));
}

/** What is tried against a server over TCP. */
export function input(name: string, run: Trial): Input {
  return { name, target: 'plain', heavy: undefined, run };
}

/** What is tried by the script alone, as it takes so many seconds. */
export function heavyInput(name: string, heavy: number, run: Trial): Input {
  return { name, target: 'plain', heavy, run };
}

/** Of rows that keep the event loop busy by themselves: their times say nothing. */
export function blocking(rows: readonly Row[]): Row[] {
  return rows.map((each) => Object.assign(each, { blocks: true }));
}

/** A row from the lists of its inputs. */
export function row(
  id: string,
  title: string,
  expected: string,
  inputs: readonly (Input | readonly Input[])[],
): Row {
  return { id, title, expected, inputs: inputs.flat() };
}
