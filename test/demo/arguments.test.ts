import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readArguments, usage, UsageError } from '../../demo/arguments.ts';

function problemWith(...args: string[]): string {
  try {
    readArguments(args);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return error.message;
  }
  return assert.fail(`${args.join(' ')} was accepted`);
}

test('demo: without arguments it is for this machine alone, on port 8080, without TLS', () => {
  const expected = { host: '127.0.0.1', port: 8080, tls: false, help: false };
  assert.deepEqual(readArguments([]), expected);
});

test('demo: --host, --port, --tls and --help are understood', () => {
  const given = readArguments(['--host', '0.0.0.0', '--port=0', '--tls', '--help']);
  assert.deepEqual(given, { host: '0.0.0.0', port: 0, tls: true, help: true });
});

test('demo: every option is in the usage text', () => {
  for (const name of ['--host', '--port', '--tls', '--help']) assert.ok(usage.includes(name), name);
});

test('demo: a wrong command line gives one line that names what is wrong', () => {
  const problems: [string[], RegExp][] = [
    [['--prot', '9000'], /--prot/],
    [['9000'], /9000/],
    [['--port'], /--port/],
    [['--port', '65536'], /0 to 65535, not 65536/],
    [['--port', '-1'], /--port/],
    [['--port', 'http'], /not http/],
    [['--host', ''], /--host/],
    [['--tls=yes'], /--tls/],
  ];
  for (const [args, expected] of problems) {
    const problem = problemWith(...args);
    assert.match(problem, expected);
    assert.ok(!problem.includes('\n') && problem.length < 120, problem);
  }
});
