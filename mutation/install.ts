import { join } from 'node:path';

import { installLocked } from '../scripts/locked-packages.ts';
import { root } from '../scripts/root.ts';

/** Installs Stryker by the lock file beside this program, when that changed. */
export function installStryker(): Promise<void> {
  return installLocked(join(root, 'mutation'), 'Stryker');
}
