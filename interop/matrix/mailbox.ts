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

  /** Takes the oldest item, waiting for it up to `timeout` milliseconds, or without end. */
  take(timeout: number): Promise<T> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise<T>((resolve, reject) => {
      const reader = (value: T) => {
        clearTimeout(timer);
        resolve(value);
      };
      if (timeout === Infinity) {
        this.#readers.push(resolve);
        return;
      }
      const timer = setTimeout(() => {
        this.#readers.splice(this.#readers.indexOf(reader), 1);
        reject(new Error(`no ${this.#name} within ${timeout} ms`));
      }, timeout);
      this.#readers.push(reader);
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
