import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/root.ts';

/** Where the peers are, with a package of their own. */
export const peersFolder = join(root, 'bench', 'peers');

const stamp = join(peersFolder, 'node_modules', '.hawser-lock-hash');

/** Installs the peers by their lock file, when that changed. */
export async function installPeers(): Promise<void> {
  const lock = readFileSync(join(peersFolder, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('installing the peers (npm ci)');
  const child = spawn('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: peersFolder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error('npm ci in bench/peers failed');
  writeFileSync(stamp, wanted);
}
