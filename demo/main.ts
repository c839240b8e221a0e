import { readArguments, usage, UsageError } from './arguments.ts';
import { type Demo, startDemo } from './server.ts';

/** How long connections may take to say goodbye, in ms. */
const closingDeadline = 5_000;

/** Signals closer together than this are one: npm passes on what the terminal sent already. */
const oneKeystroke = 200;

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2));
  if (options.help) return print(usage);
  const demo = await startDemo(options);
  closeOnSignal(demo);
  for (const line of greeting(demo.urls, options.tls)) print(`${line}\n`);
}

function greeting([first = '', ...others]: readonly string[], tls: boolean): string[] {
  const ws = first.replace(/^http/, 'ws');
  return [
    `hawser demo at ${first}`,
    ...others.map((url) => `          also ${url}`),
    `  other clients ${ws}chat/lobby?name=You and ${ws}echo`,
    ...(tls ? ['The certificate was made just now, so that browsers will ask you about it.'] : []),
    'Open the page in two tabs. Ctrl+C ends it.',
  ];
}

function closeOnSignal(demo: Demo): void {
  let asked = -Infinity;
  const stop = (): void => {
    const now = performance.now();
    const waited = now - asked;
    if (waited < oneKeystroke) return;
    if (asked > -Infinity) process.exit(1);
    asked = now;
    print('Closing; once more ends it at once.\n');
    demo.close(closingDeadline).then(() => process.exit(0), fail);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function fail(error: unknown): void {
  process.stderr.write(`hawser demo: ${explain(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message } = error;
  if (!('code' in error) || !('port' in error)) return message;
  const port = `port ${String(error.port)}`;
  if (error.code === 'EADDRINUSE') return `${port} is in use; choose one with --port`;
  if (error.code === 'EACCES') return `${port} needs more rights; choose one with --port`;
  return message;
}

function print(text: string): void {
  process.stdout.write(text);
}

main().catch(fail);
