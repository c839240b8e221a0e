import type { Handler } from '../handler.ts';
import { opaque, type Rule } from './option-rules.ts';

/** Throws a TypeError for a handler that wants messages both whole and in pieces. */
export function checkReceiving(handler: Handler, name: string): void {
  if (handler.message === undefined || handler.fragment === undefined) return;
  throw new TypeError(`${name}.fragment must stand instead of ${name}.message, but both are given`);
}

const anyObject = opaque<Handler>('an object with handlers');

/** A handler; nothing else in it is checked. */
export const handlerRule: Rule<Handler> = (value, name) => {
  const handler = anyObject(value, name);
  checkReceiving(handler, name);
  return handler;
};
