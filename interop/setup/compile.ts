import { join } from 'node:path';

import { run } from './process.ts';
import { peerSource, workspace } from './workspace.ts';

/** Compiles a C or C++ peer against a library known to pkg-config; gives the program's path. */
export async function compile(source: string, library: string): Promise<string> {
  const flags = await run({ program: 'pkg-config', args: ['--cflags', '--libs', library] });
  const program = join(workspace(), source.replace('.', '_'));
  const cpp = source.endsWith('.cpp');
  const common = [
    '-O1',
    '-fPIC',
    '-o',
    program,
    peerSource(join('agents', source)),
    ...flags.split(/\s+/),
  ];
  await run({ program: cpp ? 'g++' : 'gcc', args: [cpp ? '-std=c++17' : '-std=gnu11', ...common] });
  return program;
}
