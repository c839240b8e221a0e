import { join } from 'node:path';

import { installLocked } from '../../scripts/locked-packages.ts';
import { root } from '../../scripts/root.ts';

/** Where the peers are, with a package of their own. */
export const peersFolder = join(root, 'bench', 'peers');

/** Installs the peers by their lock file, when that changed. */
export function installPeers(): Promise<void> {
  return installLocked(peersFolder, 'the peers');
}
