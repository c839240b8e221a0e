import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';

import { parseOptions, usage, type InteropOptions } from './options.ts';
import { peers } from './peers/catalogue.ts';
import type { Peer, PeerContext } from './peers/peer.ts';
import { describeFailure, limitsOf, summary, table, type Absence } from './report.ts';
import { runUnit, slice, type Result, type Unit } from './run.ts';
import { installPackages, mayInstall, missingPackages } from './setup/packages.ts';
import { cleanUpOnExit, stopAll } from './setup/process.ts';
import type { Subject } from './subject/subject.ts';

interface Prepared {
  readonly units: readonly Unit[];
  readonly peers: readonly Peer[];
  readonly absent: readonly Absence[];
  readonly versions: Readonly<Record<string, string>>;
}

async function loadSubject(name: InteropOptions['subject']): Promise<Subject> {
  if (name === 'ws') return (await import('./subject/subject-ws.ts')).wsSubject;
  return (await import('./subject/subject-hawser.ts')).hawserSubject;
}

function chosenPeers({ only }: InteropOptions): Peer[] {
  const chosen = peers.filter(
    ({ name }) => only.length === 0 || only.some((part) => name.toLowerCase().includes(part)),
  );
  if (chosen.length > 0) return chosen;
  throw new Error(`--only: no such peer; there are: ${peers.map(({ name }) => name).join(', ')}`);
}

async function installMissing(chosen: readonly Peer[], install: boolean): Promise<Set<string>> {
  const names = [...new Set(chosen.flatMap((peer) => peer.packages))];
  const missing = await missingPackages(names);
  if (missing.length === 0) return new Set();
  if (!install || !mayInstall()) return new Set(missing);
  console.log(`installing with apt: ${missing.join(' ')}`);
  await installPackages(missing);
  return new Set(await missingPackages(missing));
}

async function prepare(options: InteropOptions, context: PeerContext): Promise<Prepared> {
  const chosen = chosenPeers(options);
  const missing = await installMissing(chosen, options.install);
  const units: Unit[] = [];
  const absent: Absence[] = [];
  const versions: Record<string, string> = {};
  for (const peer of chosen) {
    const lacking = peer.packages.filter((name) => missing.has(name));
    if (lacking.length > 0) {
      absent.push({ peer: peer.name, reason: `needs ${lacking.join(', ')} (apt-get install)` });
      continue;
    }
    try {
      versions[peer.name] = await peer.prepare(context);
      units.push(...unitsOf(peer, context, options.check));
    } catch (error) {
      absent.push({ peer: peer.name, reason: error instanceof Error ? error.message : 'unknown' });
    }
  }
  const possible = units.filter(({ checks }) => checks.length > 0);
  return { peers: chosen, units: possible, absent, versions };
}

function unitsOf(peer: Peer, context: PeerContext, filter: string): Unit[] {
  return peer.rows(context).map((row) => ({
    peer: peer.name,
    row,
    checks: row.checks.filter(({ name }) => name.toLowerCase().includes(filter)),
  }));
}

async function runAndPrint(unit: Unit, results: Result[]): Promise<void> {
  const start = performance.now();
  const done = await runUnit(unit);
  results.push(...done);
  const failed = done.filter((result) => !result.passed);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const { peer, role, deflate } = unit.row;
  const verdict = failed.length === 0 ? `${done.length} ok` : `${failed.length} FAILED`;
  console.log(`${peer} · hawser is ${role} · deflate ${deflate}: ${verdict} (${seconds} s)`);
  for (const failure of failed) console.log(describeFailure(failure));
}

async function runMatrix({ units }: Prepared, options: InteropOptions): Promise<Result[]> {
  const results: Result[] = [];
  if (options.minutes === undefined) {
    for (const unit of units) await runAndPrint(unit, results);
    return results;
  }
  // The clock began with the program, so installing is counted; what runs at the end may finish.
  const end = options.minutes * 60_000 * 0.9;
  const { first, rest } = slice(units, options.seed);
  console.log(`within ${options.minutes} minutes, in the order of seed ${options.seed}`);
  for (const unit of first) await runAndPrint(unit, results);
  while (rest.length > 0 && performance.now() < end) {
    const unit = rest.shift();
    if (unit !== undefined) await runAndPrint(unit, results);
  }
  printLeftOut(rest, options.seed);
  return results;
}

function printLeftOut(rest: readonly Unit[], seed: number): void {
  if (rest.length === 0) return;
  const count = rest.reduce((sum, { checks }) => sum + checks.length, 0);
  console.log(`\nleft out by the slice (seed ${seed}): ${count} checks`);
  for (const { row, checks } of rest) {
    const group = checks[0]?.group ?? '';
    console.log(`  ${row.peer} · ${row.role} · ${row.deflate} · ${group} (${checks.length})`);
  }
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return 0;
  }
  cleanUpOnExit();
  const subject = await loadSubject(options.subject);
  const context = { subject, install: options.install };
  const prepared = await prepare(options, context);
  for (const [name, version] of Object.entries(prepared.versions)) {
    console.log(`${name} ${version}`.trim());
  }
  const results = await runMatrix(prepared, options);
  console.log(`\n${table(prepared.units, results)}\n`);
  console.log(limitsOf(prepared.peers));
  for (const { peer, reason } of prepared.absent) console.log(`FAILED ${peer}: absent: ${reason}`);
  if (options.json !== undefined) await writeJson(options, prepared, results);
  console.log(summary(results, prepared.absent));
  const good = results.length > 0 && results.every(({ passed }) => passed);
  return good && prepared.absent.length === 0 ? 0 : 1;
}

async function writeJson(
  options: InteropOptions,
  { absent, versions }: Prepared,
  results: readonly Result[],
): Promise<void> {
  const { subject, seed, minutes, json = '' } = options;
  const content = { subject, seed, minutes, versions, absent, results };
  await writeFile(json, `${JSON.stringify(content, undefined, 2)}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stopAll();
}
process.exit();
