import { randomMaskingKey } from '#platform';

import { wrongType } from '../options/option-rules.ts';

/** Hears of application code that failed and that no handler called. */
export interface ErrorOwner {
  onError(error: unknown): void;
}

/**
 * The masking keys of an application (RFC 6455 §5.3). Once it fails to give one it is told, and strong
 * random ones are drawn: a frame may be written because the peer sent a Ping, where nobody could catch.
 */
export function guardedMaskingKey(draw: () => number, owner: ErrorOwner): () => number {
  let next = (): number => {
    try {
      const key: unknown = draw();
      if (typeof key === 'number') return key;
      throw wrongType('a masking key', 'a number', key);
    } catch (error) {
      next = randomMaskingKey;
      // Not at once: a frame is being written.
      queueMicrotask(() => owner.onError(error));
      return randomMaskingKey();
    }
  };
  return () => next();
}
