import { notOpen } from './backpressure.ts';

/** Begins what a promise stands for, as the function given to `new Promise` does. */
export type Start<T> = (resolve: (value: T) => void, reject: (error: unknown) => void) => void;

/** Promises that the end of a connection rejects. */
export class UntilOver {
  #rejects: Set<(error: Error) => void> | undefined;

  /** A promise that rejects when the connection ends; `start` settles it otherwise. */
  promise<T>(start: Start<T>): Promise<T> {
    const rejects = (this.#rejects ??= new Set());
    let onEnd: (error: Error) => void = () => {};
    const promise = new Promise<T>((resolve, reject) => {
      onEnd = reject;
      rejects.add(onEnd);
      start(resolve, reject);
    });
    const forget = (): void => void rejects.delete(onEnd);
    promise.then(forget, forget);
    return promise;
  }

  /** The connection is over. */
  end(): void {
    for (const reject of this.#rejects ?? []) reject(notOpen());
  }
}
