/** A message of which at least this many bytes a second arrive may take its time. */
const SLOWEST_RATE = 2048;
/** How many times in its timeout is looked how much came: what came at first does not count for long. */
const LOOKS = 2;

/** How long a message under way may take: `messageTimeout`, and longer while enough of it arrives. */
export class MessageTime {
  readonly #timeout: number;
  #since: number;
  #lookedAt: number;
  #bytes = 0;

  /** The timeout is in milliseconds; Infinity is never. */
  constructor(timeout: number, now: number) {
    this.#timeout = timeout;
    this.#since = now;
    this.#lookedAt = now;
  }

  /** It has all its time again. */
  beginAnew(now: number): void {
    this.#since = now;
    this.#look(now);
  }

  onBytes(count: number): void {
    this.#bytes += count;
  }

  /** When `isOver` has something to judge. */
  get due(): number {
    const over = this.#since + this.#timeout;
    const next = this.#lookedAt + this.#timeout / LOOKS;
    return this.#lookedAt < over ? Math.min(next, over) : next;
  }

  /** Whether its time is up: since the last look too little came. */
  isOver(now: number): boolean {
    if (now < this.due) return false;
    const seconds = (now - this.#lookedAt) / 1000;
    const slow = this.#bytes < SLOWEST_RATE * seconds;
    if (slow && now >= this.#since + this.#timeout) return true;
    this.#look(now);
    return false;
  }

  #look(now: number): void {
    this.#lookedAt = now;
    this.#bytes = 0;
  }
}
