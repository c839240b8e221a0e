import type { Arena, Target } from './arena.ts';

/** One thing that is tried against one target. */
export interface Input {
  readonly name: string;
  readonly target: Target;
  /** Whether it is too heavy for `npm test`. */
  readonly script: boolean;
  run(arena: Arena): Promise<void> | void;
}

/** An attack: its inputs, and what must come of them. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly expected: string;
  readonly inputs: readonly Input[];
}

/** A way to try something. */
export type Trial = (arena: Arena) => Promise<void> | void;

/** What is tried against several targets, as one input each. */
export function against(targets: readonly Target[], name: string, run: Trial): Input[] {
  return targets.map((target) => ({ name: `${name} · ${target}`, target, script: false, run }));
}

/** What is tried against a server over TCP. */
export function input(name: string, run: Trial): Input {
  return { name, target: 'plain', script: false, run };
}

/** What is tried by the script alone. */
export function heavyInput(name: string, run: Trial): Input {
  return { name, target: 'plain', script: true, run };
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
