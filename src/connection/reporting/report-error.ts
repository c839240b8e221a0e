import type { Connection } from '../connection.ts';
import type { Handler } from '../handler.ts';
import { isWatched, publish } from './diagnostics.ts';

/**
 * Hands what application code threw to the endpoint's `error` handler; without one, or when that
 * throws as well, it becomes one line on stderr. Never throws.
 */
export function reportError<Context, Params>(
  handler: Handler<Context, Params> | undefined,
  connection: Connection<Context, Params> | undefined,
  error: unknown,
): void {
  if (isWatched('hawser:handler:error')) publish('hawser:handler:error', { connection, error });
  if (handler?.error === undefined) return printError(error);
  try {
    const result: unknown = handler.error(connection, error);
    if (isThenable(result)) result.then(undefined, printError);
  } catch (thrown) {
    printError(error);
    printError(thrown);
  }
}

/** Whether a value has a `then` method: the only thing a handler returns that is waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

function printError(error: unknown): void {
  const text = describeError(error).split('\n').slice(0, 2).join(' ');
  process.stderr.write(`hawser: a handler failed: ${text}\n`);
}

/** Anything can be thrown, also what has no text. */
function describeError(error: unknown): string {
  try {
    return String(error instanceof Error ? (error.stack ?? error) : error);
  } catch {
    return `a value of type ${typeof error} that has no text`;
  }
}
