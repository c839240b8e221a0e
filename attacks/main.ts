import { performance } from 'node:perf_hooks';

import { installPrograms } from '../scripts/system-packages.ts';
import type { Row } from '../test/attacks/harness/row.ts';
import { allRows } from './catalogue.ts';
import { help, type Options, readOptions } from './options.ts';
import { Performance } from './perform.ts';
import { fitting, shuffled } from './slice.ts';
import { heading, lines, score } from './table.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function chosenRows({ rows, minutes, seed }: Options): readonly Row[] {
  const chosen =
    rows === undefined
      ? allRows
      : allRows.filter(({ id }) => rows.some((row) => id.startsWith(row)));
  if (chosen.length === 0) throw new RangeError(`no row begins with ${rows?.join(' or ')}`);
  return minutes === undefined ? chosen : shuffled(chosen, seed);
}

/** Runs the rows as long as there is time, and gives how many assertions passed and failed. */
async function play(options: Options): Promise<{ passed: number; failed: number }> {
  const { minutes = Infinity } = options;
  const deadline = performance.now() + minutes * 60_000;
  const secondsLeft = () => (deadline - performance.now()) / 1_000;
  const company = new Performance();
  const leftOut: string[] = [];
  const total = { passed: 0, failed: 0 };
  for (const whole of chosenRows(options)) {
    const { row, leftOut: tooLong } = fitting(whole, secondsLeft());
    if (secondsLeft() <= 0) leftOut.push(whole.id);
    else leftOut.push(...tooLong);
    if (secondsLeft() <= 0 || row.inputs.length === 0) continue;
    const result = await company.run(row, secondsLeft);
    say(lines(result));
    const { passed, failed } = score(result);
    total.passed += passed;
    total.failed += failed;
  }
  await company.close();
  if (leftOut.length > 0) say(`\nleft out of the slice: ${leftOut.join(', ')}`);
  return total;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') return say(help);
  const { minutes, seed } = options;
  say(
    minutes === undefined
      ? 'attacks: every row'
      : `attacks: a slice of ${minutes} min, seed ${seed}`,
  );
  say(`a time passes below its bound or 5 times what it is without the attack\n\n${heading()}`);
  // The key updates of TL-05 take a client that asks for them, as Node's cannot.
  installPrograms([['/usr/bin/openssl', 'openssl']]);
  const { passed, failed } = await play(options);
  say(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main().catch((error: unknown) => {
  process.stderr.write(`attacks: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
