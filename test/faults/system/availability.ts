import { spawnSync } from 'node:child_process';

/** Runs a command and tells whether it succeeded. */
export function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Why a test that touches the system itself is skipped, or false when it can run. */
export function unavailable(command: string, ...args: string[]): string | false {
  if (process.env['HAWSER_SYSTEM_FAULTS'] === undefined) return 'npm run faults runs it';
  if (process.getuid?.() !== 0) return 'it takes root';
  return succeeds(command, ...args) ? false : `${command} is missing or not allowed here`;
}
