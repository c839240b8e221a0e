/**
 * Milliseconds of CPU time that the process spends meanwhile, attacker and canaries included: the
 * least of some tries, as code is compiled at first and others use the machine.
 */
export async function leastCpu(tries: number, run: () => Promise<void>): Promise<number> {
  let least = Infinity;
  for (let count = 0; count < tries; count++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}
