import type { Message } from '../handler.ts';

/** What an iteration needs of its connection. */
export interface Source {
  /** The next message; undefined at a clean end; rejects at any other. */
  next(): Promise<Message | undefined>;
  /** The iteration was left before the end. */
  leave(): void;
}

/** The messages of a connection as an async iterator; leaving it early closes the connection. */
export function iterate(source: Source): AsyncIterableIterator<Message> {
  let over = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const value = over ? undefined : await source.next();
      if (value !== undefined) return { done: false, value };
      over = true;
      return { done: true, value: undefined };
    },
    async return() {
      if (!over) source.leave();
      over = true;
      return { done: true, value: undefined };
    },
  };
}
