import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { root } from '../scripts/root.ts';

const run = promisify(execFile);

/**
 * Settings of a strict project that knows nothing of ours; it checks our declarations too. As is the
 * default of TypeScript 7, no types are there but those that something refers to.
 */
const compilerOptions = {
  target: 'es2022',
  module: 'nodenext',
  strict: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  types: [],
};

/** The README's TypeScript examples, in their order: a server, a client, an attached server. */
function readmeExamples(): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return [...readme.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = '']) => code);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const mainProgram = `
import { connect } from 'hawser';
await import('./server.js');
await import('./client.js');
await import('./attached.js');
const guest = await connect('ws://localhost:8081/rooms/harbour?name=Ada');
console.log(await guest.receive({ timeout: 5_000 }));
process.exit(0);
`;

const commonJsProgram = `
import hawser = require('hawser');
import protocol = require('hawser/protocol');
const endpoints: Record<string, hawser.Handler> = {
  '/': { message: (connection, message) => connection.send(message) },
};
async function main(): Promise<void> {
  const server = await hawser.serve({ port: 0, host: '127.0.0.1', endpoints });
  const connection = await hawser.connect(\`ws://127.0.0.1:\${server.address.port}/\`);
  connection.send('by require');
  console.log(await connection.receive(), protocol.Opcode.Text);
  await server.close();
  console.log((await connection.closed).code);
}
void main();
`;

describe('the packed library in a project of its own', () => {
  const project = mkdtempSync(join(tmpdir(), 'hawser-packed-'));
  const write = (name: string, content: string): void =>
    writeFileSync(join(project, name), content);

  before(async () => {
    write('package.json', JSON.stringify({ name: 'guest', private: true, type: 'module' }));
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', project];
    const { stdout } = await run('npm', pack, { cwd: root });
    const [packed] = JSON.parse(stdout) as { filename: string }[];
    const install = ['install', '--offline', '--no-audit', '--no-fund', `./${packed?.filename}`];
    await run('npm', install, { cwd: project });
    mkdirSync(join(project, 'node_modules', '@types'), { recursive: true });
    const types = join('node_modules', '@types', 'node');
    symlinkSync(join(root, types), join(project, types), 'junction');
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  /** Compiles a program; gives the paths of all files that it consists of. */
  async function compile(...files: string[]): Promise<string> {
    write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const compiled = run(process.execPath, [tsc, '-p', project, '--listFiles']);
    return compiled.then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => assert.fail(error.stdout.replaceAll(/^\/.*\n/gm, '')),
    );
  }

  for (const entry of ['', '/server', '/client', '/stream', '/testing', '/protocol']) {
    test(`hawser${entry} alone type-checks, and only the core does without Node's types`, async () => {
      write('entry.ts', `export * from 'hawser${entry}';\n`);
      const files = await compile('entry.ts');
      assert.equal(/@types[\\/]node[\\/]/.test(files), entry !== '/protocol');
    });
  }

  test("the README's examples compile and run", async () => {
    const examples = readmeExamples();
    assert.equal(examples.length, 3);
    const ports = { 8080: await freePort(), 8081: await freePort() };
    const own = (code: string): string =>
      code.replaceAll('8080', String(ports[8080])).replaceAll('8081', String(ports[8081]));
    const names = ['server.ts', 'client.ts', 'attached.ts'];
    for (const [index, name] of names.entries()) {
      write(name, own(`${examples[index]}\nexport {};\n`));
    }
    write('main.ts', own(mainProgram));
    await compile('main.ts', ...names);
    const { stdout } = await run(process.execPath, ['main.js'], { cwd: project, timeout: 60_000 });
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines[0], 'ahoy');
    assert.match(lines[1] ?? '', /^\d+(?:\.\d+)? ms$/);
    assert.equal(lines[2], '1000 true');
    assert.equal(lines[3], 'Welcome to harbour, Ada');
  });

  test('a CommonJS program gets it by require', async () => {
    write('common.cts', commonJsProgram);
    await compile('common.cts');
    const { stdout } = await run(process.execPath, ['common.cjs'], {
      cwd: project,
      timeout: 60_000,
    });
    assert.deepEqual(stdout.trimEnd().split('\n'), ['by require 1', '1001']);
  });
});
