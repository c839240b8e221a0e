// Makes a working copy ready to run: installs when the lock file changed, then builds.
// Plain JavaScript without dependencies, because it runs before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lock = join(root, '.setup.lock');
const stamp = join(root, 'node_modules', '.hawser-lock-hash');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const projects = ['tsconfig.json', join('demo', 'page', 'tsconfig.json')];

/** Age in ms after which a lock whose owner stopped touching it counts as abandoned. */
const abandonedAfter = 60_000;

const say = (text) => process.stderr.write(`setup: ${text}\n`);

function exists(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Gives the lock's owner and whether it is gone, or undefined when there is no lock. */
function lockOwner() {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    const silent = Date.now() - statSync(lock).mtimeMs > abandonedAfter;
    return { pid, gone: silent || !exists(pid) };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Creates `path` holding this process's id, all at once, or says that it is there already. */
function claim(path) {
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(own);
  }
}

/** Removes the lock of a process that is gone; a second lock keeps two from doing it at once. */
function takeOver(pid) {
  const guard = `${lock}.stale`;
  if (!claim(guard)) {
    if (Date.now() - statSync(guard, { throwIfNoEntry: false })?.mtimeMs > abandonedAfter) {
      rmSync(guard, { force: true });
    }
    return;
  }
  const owner = lockOwner();
  if (owner?.pid === pid && owner.gone) {
    say(`taking over the lock that process ${pid} left behind`);
    rmSync(lock, { force: true });
  }
  rmSync(guard, { force: true });
}

async function acquire() {
  let announced = false;
  while (!claim(lock)) {
    const owner = lockOwner();
    if (owner?.gone) {
      takeOver(owner.pid);
      continue;
    }
    if (owner && !announced) say(`process ${owner.pid} is setting up already; waiting for it`);
    announced = true;
    await wait(100);
  }
  const touch = setInterval(() => {
    if (existsSync(lock)) utimesSync(lock, new Date(), new Date());
  }, 1_000);
  return () => {
    clearInterval(touch);
    rmSync(lock, { force: true });
  };
}

let child;
let interrupted = false;

/** Runs a program to its end, everything it prints on standard error; `name` is for the failure. */
function run(name, command, args, options = {}) {
  return new Promise((resolve, reject) => {
    if (interrupted) throw new Error('interrupted');
    child = spawn(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      child = undefined;
      if (code === 0) resolve();
      else if (interrupted) reject(new Error('interrupted'));
      else reject(new Error(`${name} failed (${signal ?? `exit code ${code}`})`));
    });
  });
}

async function install() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  const wanted = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('installing the development tools (npm ci), about half a minute');
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('npm-cli.js')) await run('npm ci', process.execPath, [npm, ...args]);
  else await run('npm ci', 'npm', args, { shell: process.platform === 'win32' });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Removes what was built from sources that are no longer there. */
function prune() {
  const dist = join(root, 'dist');
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!/\.(d\.ts|js)(\.map)?$/.test(entry.name)) continue;
    const built = join(entry.parentPath ?? entry.path, entry.name);
    const source = join(root, relative(dist, built)).replace(/\.(d\.ts|js)(\.map)?$/, '.ts');
    if (!existsSync(source)) rmSync(built);
  }
}

async function build() {
  if (!existsSync(join(root, 'dist'))) say('building (tsc -b)');
  const present = projects.filter((project) => existsSync(join(root, project)));
  await run('tsc -b', process.execPath, [tsc, '-b', ...present]);
  prune();
}

const release = await acquire();
// npm would go on installing for seconds after a polite signal, without the lock. What it leaves
// half done has no stamp, so that the next set-up starts over.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    child?.kill('SIGKILL');
  });
}
try {
  const began = performance.now();
  await install();
  await build();
  const seconds = (performance.now() - began) / 1_000;
  if (seconds > 3) say(`ready after ${seconds.toFixed(0)} s`);
} catch (error) {
  say(error.message);
  process.exitCode = 1;
} finally {
  release();
}
