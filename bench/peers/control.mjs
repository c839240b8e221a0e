// What every measured program shares: its settings, and the orders that come as lines on its
// standard input. It answers each with one line of JSON on its standard output.
import process from 'node:process';
import { createInterface } from 'node:readline';

/** What this run of the peer is to do: `tls` (cert and key), `deflate` ('fresh' or 'takeover'). */
export const settings = JSON.parse(process.argv[2] ?? '{}');

/** The largest message that a measurement sends, in bytes. */
export const maxMessageSize = 32 * 1024 * 1024;

const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** CPU time of all threads in microseconds, that of the kernel too, and memory in bytes. */
function usage() {
  const { user, system } = process.cpuUsage();
  return { cpu: user + system, kernel: system, rss: process.memoryUsage().rss };
}

/** Frees what can be freed. */
function collect() {
  const full = { type: 'major', execution: 'sync', flavor: 'last-resort' };
  for (let count = 0; count < 4; count += 1) {
    if (globalThis.Bun) globalThis.Bun.gc(true);
    else void globalThis.gc?.(full);
  }
  return usage();
}

/** Carries out one line of orders. */
async function perform(known, line) {
  const [order, argument] = line.split(' ');
  try {
    return (await known[order](argument)) ?? {};
  } catch (error) {
    return { error: String(error) };
  }
}

/** Says what is ready and obeys orders until standard input ends. */
export function obey(ready, orders = {}) {
  const known = { usage, collect, ...orders };
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => void perform(known, line).then(answer));
  lines.on('close', () => process.exit());
  answer(ready);
}
