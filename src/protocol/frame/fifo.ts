/** From so many taken places on, and when they are half of all, the rest is moved up. */
const MOVE_FROM = 1024;

/** What an empty queue has in place of an array of its own. */
const none: never[] = [];

/** First in, first out: time is linear in the items, and what was taken is let go at once. */
export class Fifo<T> {
  #items: (T | undefined)[] = none;
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  /** The oldest item, which stays. */
  get head(): T | undefined {
    return this.#items[this.#first];
  }

  push(item: T): void {
    if (this.#items === none) this.#items = [];
    this.#items.push(item);
  }

  /** Takes the oldest item. An array's own `shift` moves all others: 5 s for 200 000. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first++] = undefined;
    if (this.length === 0) {
      this.clear();
    } else if (this.#first >= MOVE_FROM && this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = none;
    this.#first = 0;
  }
}
