import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** How long what is under way at the end of a stretch may take to come back, in milliseconds. */
const patience = 20_000;

/** A stretch of load: it ends when its time is over and nothing is under way any more. */
export class Stretch {
  /** Messages under way. */
  waiting = 0;
  /** Whether the time is over. */
  ending = false;
  #finish = (): void => {};
  #fail: (error: Error) => void = () => {};
  readonly #done = new Promise<void>((resolve, reject) => {
    this.#finish = resolve;
    this.#fail = reject;
  });

  /** Fails when one of the sockets ends. */
  constructor(sockets: readonly Socket[] = []) {
    const onClose = (): void => this.#fail(new Error('the server ended a connection'));
    for (const socket of sockets) socket.once('close', onClose);
    const off = (): void => {
      for (const socket of sockets) socket.off('close', onClose);
    };
    void this.#done.then(off, off);
  }

  /** Counts messages as back. */
  settle(count: number): void {
    this.waiting -= count;
    if (this.ending && this.waiting === 0) this.#finish();
  }

  /** Lets so many seconds pass and waits for the rest; rejects when it does not come. */
  async over(seconds: number): Promise<void> {
    await Promise.race([wait(seconds * 1_000), this.#done]);
    this.ending = true;
    if (this.waiting === 0) this.#finish();
    const late = setTimeout(() => {
      this.#fail(new Error(`${this.waiting} messages did not come back`));
    }, patience);
    await this.#done.finally(() => clearTimeout(late));
  }
}
