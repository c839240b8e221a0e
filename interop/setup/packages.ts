import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from './process.ts';

/** The packages of Debian that are not installed. */
export async function missingPackages(names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map(isInstalled));
  return names.filter((_, index) => found[index] !== true);
}

async function isInstalled(name: string): Promise<boolean> {
  const args = ['-W', '-f=${db:Status-Status}', name];
  const status = await run({ program: 'dpkg-query', args }).catch(() => 'unknown');
  return status === 'installed';
}

/** The version of an installed package of Debian. */
export function packageVersion(name: string): Promise<string> {
  return run({ program: 'dpkg-query', args: ['-W', '-f=${Version}', name] });
}

const apt = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
const waitForLock = ['-o', 'DPkg::Lock::Timeout=300'];

/** Installs packages with apt: all at once, or one by one when that fails. Needs root. */
export async function installPackages(names: readonly string[]): Promise<void> {
  const aptGet = (...args: string[]) =>
    run({ program: 'apt-get', args: [...waitForLock, ...args], env: apt });
  const install = (...packages: string[]) =>
    aptGet('install', '-y', '--no-install-recommends', ...packages);
  await aptGet('update').catch(report);
  await install(...names).catch(async () => {
    for (const name of names) await install(name).catch(report);
  });
}

function report(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
}

/** True when this process may install packages. */
export function mayInstall(): boolean {
  return process.getuid?.() === 0;
}

/** Installs a folder's npm packages as its lock file says, unless that has been done. */
export async function installFolder(folder: string, mayDownload: boolean): Promise<void> {
  if (await isUpToDate(folder)) return;
  if (!mayDownload) throw new Error(`its npm packages are missing: npm ci in ${folder}`);
  console.log(`installing npm packages in ${folder}`);
  await run({ program: 'npm', args: ['ci', '--no-audit', '--no-fund'], cwd: folder });
}

async function isUpToDate(folder: string): Promise<boolean> {
  const wanted = await lockedVersions(join(folder, 'package-lock.json'));
  const installed = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const present = await lockedVersions(installed);
  return [...wanted].every(([path, version]) => present.get(path) === version);
}

async function lockedVersions(file: string): Promise<Map<string, string>> {
  const lock = JSON.parse(await readFile(file, 'utf8')) as {
    readonly packages: Record<string, { readonly version?: string; readonly optional?: boolean }>;
  };
  const versions = new Map<string, string>();
  for (const [path, { version, optional }] of Object.entries(lock.packages)) {
    if (path !== '' && version !== undefined && optional !== true) versions.set(path, version);
  }
  return versions;
}
