import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { root } from '../scripts/root.ts';
import { Campaign, type Report } from './engine/campaign.ts';
import { Coverage } from './engine/coverage.ts';
import { writeFinding } from './engine/findings.ts';
import type { Target } from './engine/target.ts';
import { Watchdog } from './engine/watchdog.ts';
import { help, type Options, readOptions } from './options.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Fixtures of inputs that once failed; the tests replay them. */
const folder = join(root, 'fuzz', 'findings');
const ENDLESS = 10_000;

/** A target is given the same inputs whether it is fuzzed alone or with others. */
function seedFor(target: Target, seed: number): number {
  return (createHash('sha256').update(target.name).digest().readUInt32BE() ^ seed) >>> 0;
}

function tell({ target, executions, corpus, blocks, findings }: Report): void {
  say(
    `${target.padEnd(16)} executions ${String(executions).padStart(8)}  corpus ` +
      `${String(corpus).padStart(5)}  blocks ${String(blocks).padStart(4)}  findings ${findings.length}`,
  );
}

async function fuzz(targets: readonly Target[], coverage: Coverage, options: Options) {
  const { seed, milliseconds } = options;
  const watchdog = new Watchdog({ folder, seed, limit: ENDLESS });
  let failed = 0;
  for (const target of targets) {
    watchdog.watch(target.name);
    const campaign = new Campaign(target, {
      seed: seedFor(target, seed),
      milliseconds: milliseconds / targets.length,
      coverage,
      onInput: (input) => watchdog.progress.next(input),
    });
    const report = await campaign.run();
    tell(report);
    for (const finding of report.findings) {
      const name = writeFinding(folder, { ...finding, seed });
      say(
        `  ${finding.kind}: ${finding.detail}\n  written to ${name}; again: --target ` +
          `${target.name} --seed ${seed}`,
      );
    }
    if (report.findings.length > 0) failed++;
  }
  await watchdog.stop();
  return { passed: targets.length - failed, failed };
}

function chosen(all: readonly Target[], names: Options['targets']): readonly Target[] {
  const known = all.map(({ name }) => name);
  const stranger = names?.find((name) => !known.includes(name));
  if (stranger !== undefined) {
    throw new RangeError(`--target must be one of ${known.join(', ')}, not ${stranger}`);
  }
  return all.filter(({ name }) => names === undefined || names.includes(name));
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') return say(help);
  const coverage = new Coverage((url) => url.includes('/dist/src/'));
  coverage.start();
  // Only what is loaded after the start of the coverage has blocks.
  const { catalogue } = await import('./targets/catalogue.ts');
  const targets = chosen(catalogue, options.targets);
  const seconds = Math.round(options.milliseconds / 1000);
  say(`fuzz: seed ${options.seed}, ${seconds} s shared by ${targets.length} targets`);
  const { passed, failed } = await fuzz(targets, coverage, options);
  coverage.stop();
  say(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main().catch((error: unknown) => {
  process.stderr.write(`fuzz: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
