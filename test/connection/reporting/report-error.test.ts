import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';

import type { Handler } from '../../../src/connection/handler.ts';
import { isThenable, reportError } from '../../../src/connection/reporting/report-error.ts';
import { rawPair, settle } from '../raw-peer.ts';

/** The lines written to stderr until the test ends. */
function stderrOf(t: TestContext): string[] {
  const lines: string[] = [];
  t.mock.method(process.stderr, 'write', (text: string) => lines.push(text) > 0);
  return lines;
}

describe('reportError()', () => {
  test('hands over the connection and the error as they are, and prints nothing', (t) => {
    const lines = stderrOf(t);
    const seen: unknown[] = [];
    const handler: Handler = { error: (...args) => void seen.push(...args) };
    const { connection } = rawPair();
    const error = Symbol('thrown');
    reportError(handler, connection, error);
    reportError(handler, undefined, undefined);
    assert.deepEqual(seen, [connection, error, undefined, undefined]);
    assert.deepEqual(lines, []);
    connection.terminate();
  });

  test('calls the error handler as a method of its object', () => {
    class Endpoint implements Handler {
      readonly errors: unknown[] = [];

      error(_connection: unknown, error: unknown): void {
        this.errors.push(error);
      }
    }
    const endpoint = new Endpoint();
    reportError(endpoint, undefined, 'x');
    assert.deepEqual(endpoint.errors, ['x']);
  });

  test('prints one line without a handler, also for what is no Error', (t) => {
    const lines = stderrOf(t);
    reportError(undefined, undefined, new Error('first\nsecond\nthird'));
    reportError({}, undefined, 'a string');
    reportError({}, undefined, undefined);
    assert.deepEqual(lines, [
      'hawser: a handler failed: Error: first second\n',
      'hawser: a handler failed: a string\n',
      'hawser: a handler failed: undefined\n',
    ]);
  });

  test('prints what an error handler throws or rejects with', async (t) => {
    const lines = stderrOf(t);
    const thrower: Handler = {
      error() {
        throw new TypeError('broken as well');
      },
    };
    reportError(thrower, undefined, new Error('first'));
    assert.equal(lines.length, 2);
    assert.match(lines.join(''), /: Error: first .*\n.*: TypeError: broken as well .*\n/);
    lines.length = 0;
    reportError({ error: () => Promise.reject(new Error('later')) }, undefined, 'x');
    await settle(1);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /Error: later/);
  });

  test('never throws, whatever was thrown', (t) => {
    const lines = stderrOf(t);
    const hostile: readonly unknown[] = [
      Object.create(null),
      { toString: () => assert.fail('no text') },
      Object.defineProperty(new Error('x'), 'stack', { get: () => assert.fail('no stack') }),
      Object.assign(new Error('x'), { stack: 5 }),
      Symbol('s'),
    ];
    for (const error of hostile) assert.doesNotThrow(() => reportError({}, undefined, error));
    assert.equal(lines.length, hostile.length);
  });
});

test('isThenable(): only what has a then method is waited for', () => {
  const having = (then: unknown, base: object | null = {}): object =>
    Object.assign(Object.create(base), { ['then' as string]: then });
  const yes = [Promise.resolve(), having(() => {}), having(() => {}, null)];
  const no = [undefined, null, true, 1, 'then', having(1), {}, () => {}, [], Symbol('then')];
  assert.deepEqual(yes.map(isThenable), [true, true, true]);
  assert.deepEqual(no.filter(isThenable), []);
});
