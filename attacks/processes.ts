import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { heavyInput, type Input, row, blocking } from '../test/attacks/harness/row.ts';

/** Runs a compiled program and gives what it printed; throws when it failed. */
async function output(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  assert.equal(code, 0, printed);
  return printed;
}

const builtFile = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A test file that is run as it is: its processes and limits are its own. */
function testFile(name: string, path: string, seconds: number): Input {
  return heavyInput(name, seconds, async () => {
    await output(['--test', builtFile(path)]);
  });
}

function idle(kind: 'fresh' | 'takeover', bound: number): Input {
  return heavyInput(`5,000 connections, ${kind} windows`, 60, async ({ figure }) => {
    const bytes = Number(await output([builtFile('measure/main.js'), kind]));
    figure(`RSS each, ${kind}`, bytes / 1024, bound, 'KiB');
  });
}

/** Rows that need processes of their own; what they do to this one says nothing. */
export const processRows = blocking([
  row('CP-17', 'idle compressed connections after one message each', 'little memory each', [
    idle('fresh', 20),
    idle('takeover', 80),
  ]),
  row('FC-11', '1,000 clients, and a loop that stands still for 5 s', 'nobody is taken for dead', [
    testFile('the fault test', '../test/faults/stalled-loop.test.js', 60),
  ]),
  row('RX-03', '200 clients of a server with 128 descriptors', 'who is in stays, others follow', [
    testFile('the fault test', '../test/faults/descriptors.test.js', 30),
  ]),
]);
