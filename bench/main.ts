import { runGrowth } from './growth/growth.ts';
import { runMatrix } from './matrix.ts';
import { runMicro } from './micro/micro.ts';
import { type BenchOptions, parseOptions, usage } from './options.ts';
import { runProfile } from './profile/profile.ts';
import { writeReport } from './report/report.ts';
import { installPeers } from './setup/install.ts';
import { runWorkers } from './workers/workers.ts';

async function run(options: BenchOptions, args: readonly string[]): Promise<boolean> {
  switch (options.mode) {
    case 'help':
      console.log(usage);
      return true;
    case 'micro':
      return runMicro(options, args);
    case 'growth':
      await installPeers();
      return runGrowth(options, args);
    case 'workers':
      return runWorkers(options, args);
    case 'profile':
      await installPeers();
      return runProfile(options);
    case 'report':
      await installPeers();
      return writeReport();
    case 'matrix':
      await installPeers();
      return runMatrix(options, args);
  }
}

// So that what was started ends on the way out.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  const args = process.argv.slice(2);
  process.exitCode = (await run(parseOptions(args), args)) ? 0 : 1;
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
process.exit();
