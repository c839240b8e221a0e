import { writeFile } from 'node:fs/promises';

import type { Case, Result, Role, Setup } from './case.ts';
import { Random } from './cases/random.ts';
import { select } from './catalogue.ts';
import { CaseQueue, isHeavy } from './fuzzer/queue.ts';
import {
  inOrder,
  runOnServer,
  runOnTargetClient,
  runOnTargetServer,
  serveCases,
} from './fuzzer/run.ts';
import { setPatience } from './fuzzer/timers.ts';
import { help, readOptions } from './options.ts';
import type { Options } from './options.ts';
import { listOf, score, table } from './report/table.ts';
import { setupPaths } from './target.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function setupsOf({ url, serve }: Options): readonly Setup[] {
  return url === undefined && serve === undefined ? setupPaths.map(([setup]) => setup) : ['echo'];
}

/** In a slice the heavy cases come in random order, the first of each subgroup before the rest. */
function ordered(cases: readonly Case[], options: Options): Case[] {
  if (options.minutes === undefined) return [...cases];
  const seen = new Set<string>();
  const isFirst = ({ id }: Case): boolean => {
    const subgroup = id.split('.').slice(0, 2).join('.');
    const fresh = !seen.has(subgroup);
    seen.add(subgroup);
    return fresh;
  };
  const heavy = new Random(options.seed).shuffled(cases.filter((test) => isHeavy(test)));
  const first = heavy.filter((test) => isFirst(test));
  const rest = heavy.filter((test) => !first.includes(test));
  return [...cases.filter((test) => !isHeavy(test)), ...first, ...rest];
}

async function play(
  role: Role,
  cases: readonly Case[],
  queue: CaseQueue,
  options: Options,
): Promise<void> {
  const { url, serve, target } = options;
  if (url !== undefined) {
    const port = Number(url.port || 80);
    await runOnServer({ host: url.hostname, port, paths: { echo: url.pathname } }, queue);
  } else if (serve !== undefined) {
    say(`waiting on ws://127.0.0.1:${serve}/ for a client that asks for /getCaseCount`);
    await serveCases(serve, cases, queue);
  } else if (role === 'server') await runOnTargetServer(target, queue);
  else await runOnTargetClient(target, cases, queue);
}

async function runRole(role: Role, options: Options): Promise<Result[]> {
  const { groups, messages, seed, minutes, roles } = options;
  const chosen = { role, messages, seed, setups: setupsOf(options) };
  const cases = select(groups === undefined ? chosen : { ...chosen, groups });
  const queue = new CaseQueue(
    ordered(cases, options),
    minutes === undefined ? Infinity : minutes / roles.length,
  );
  say(`\n${role} under test: ${cases.length} cases`);
  await play(role, cases, queue, options);
  const results = inOrder(cases, queue);
  if (queue.leftOut.length > 0) say(`left out of the slice: ${queue.leftOut.join(' ')}`);
  say(`${table(results)}\n`);
  say(listOf(results));
  return results;
}

function introduce(options: Options): void {
  const { target, url, serve, messages, seed, minutes, patience } = options;
  const whom = url?.href ?? (serve === undefined ? target : 'any client');
  say(
    `conformance of ${whom}: seed ${seed}, ${messages} messages a case in groups 12 and 13` +
      (minutes === undefined ? ', everything' : `, a slice of ${minutes} min`) +
      (patience === 1 ? '' : `, waits times ${patience}`),
  );
  if (url === undefined && serve === undefined) {
    say(
      'the tested side raises maxMessageSize to 64 MiB, maxFragments to 1,000,000 and ' +
        'messageTimeout to 20 min for group 9, and takes any compression.maxRatio; 65,536 B is the ' +
        'limit of the cases about limits',
    );
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') return say(help);
  setPatience(options.patience);
  introduce(options);
  const results: Result[] = [];
  for (const role of options.roles) results.push(...(await runRole(role, options)));
  if (options.json !== undefined)
    await writeFile(options.json, JSON.stringify(results, undefined, 1));
  const { passed, failed } = score(results);
  say(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main().catch((error: unknown) => {
  process.stderr.write(`conformance: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
