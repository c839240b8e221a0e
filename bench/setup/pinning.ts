import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** A program with its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** The cores that the two sides of a measurement run on. */
export const cores = { measured: 0, load: 1 } as const;

function whyNot(): string | undefined {
  if (availableParallelism() < 2) return 'there is one core only';
  const { status } = spawnSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' });
  return status === 0 ? undefined : 'taskset does not work here';
}

/** Why programs are not pinned to a core of their own; undefined when they are. */
export const unpinned = whyNot();

/** Makes a command run on one core, where that can be done and is asked for. */
export function pinned(command: Command, core: number | undefined): Command {
  return unpinned === undefined && core !== undefined
    ? ['taskset', '-c', String(core), ...command]
    : command;
}
