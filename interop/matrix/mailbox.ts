/** How long a peer may take for one step, in milliseconds; a busy machine is slow. */
export const patience = 30_000;

/** A queue whose reader waits, up to a limit, for what has not come yet. */
export class Mailbox<T> {
  readonly #name: string;
  readonly #items: T[] = [];
  readonly #readers: ((item: T) => void)[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** Hands the item to the first waiting reader, or keeps it. */
  put(item: T): void {
    const reader = this.#readers.shift();
    if (reader === undefined) this.#items.push(item);
    else reader(item);
  }

  /** Takes the oldest item, waiting up to `timeout` milliseconds; `ended` tells that none comes. */
  take(timeout: number, ended?: Promise<string>): Promise<T> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise<T>((resolve, reject) => {
      const give = (reason: string) => {
        const at = this.#readers.indexOf(reader);
        if (at < 0) return;
        this.#readers.splice(at, 1);
        clearTimeout(timer);
        reject(new Error(`no ${this.#name} ${reason}`));
      };
      const reader = (value: T) => {
        clearTimeout(timer);
        resolve(value);
      };
      // A timer cannot wait for ever, and need not.
      const timer =
        timeout === Infinity ? undefined : setTimeout(give, timeout, `within ${timeout} ms`);
      this.#readers.push(reader);
      void ended?.then(give);
    });
  }

  /** Forgets what nobody has taken. */
  clear(): void {
    this.#items.length = 0;
  }
}

/** Settles as `promise` does, or rejects after `timeout` milliseconds, naming what was awaited. */
export function within<T>(timeout: number, name: string, promise: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name} within ${timeout} ms`)), timeout);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
