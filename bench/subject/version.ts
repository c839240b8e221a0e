import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/root.ts';

function revision(): string {
  try {
    const args = ['rev-parse', '--short', 'HEAD'];
    return ` (${execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()})`;
  } catch {
    return '';
  }
}

/** The version of hawser, its revision when it is known, and Node's. */
export function version(): string {
  const file = readFileSync(join(root, 'package.json'), 'utf8');
  const manifest = JSON.parse(file) as { readonly version: string };
  return `hawser ${manifest.version}${revision()}, Node ${process.version.slice(1)}`;
}
