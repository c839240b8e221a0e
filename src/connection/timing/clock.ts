/** Something that shall happen once unless it is cancelled. */
export interface Deadline {
  cancel(): void;
}

/** The time as connections see it: monotonic, in milliseconds. */
export interface Clock {
  now(): number;
  /** Calls `task` once, no earlier than due; Infinity means never. */
  after(delay: number, task: () => void): Deadline;
  /** As `after`, for many that wait long: none needs a function of its own. Default: by `after`. */
  wake?(delay: number, sleeper: Sleeper): Deadline;
}

/** Who waits for a deadline. */
export interface Sleeper {
  onDue(): void;
}

/** Deadlines due in the same slot fire together, up to this many milliseconds late. */
const SLOT = 20;
const SLOTS = 512;
/** A timer this late means that the event loop stood still: the peers are not to blame for it. */
const STALL = 500;

const never: Deadline = { cancel() {} };

class Entry implements Deadline {
  readonly slot: number;
  readonly task: (() => void) | Sleeper;
  previous: Entry | undefined;
  next: Entry | undefined;
  home: Bucket | undefined;

  constructor(slot: number, task: (() => void) | Sleeper) {
    this.slot = slot;
    this.task = task;
  }

  cancel(): void {
    this.home?.remove(this);
  }

  run(): void {
    const { task } = this;
    if (typeof task === 'function') task();
    else task.onDue();
  }
}

/** The entries of one slot of the wheel, as a list that anyone can leave at once. */
class Bucket {
  first: Entry | undefined;

  add(entry: Entry): void {
    entry.home = this;
    entry.next = this.first;
    if (this.first !== undefined) this.first.previous = entry;
    this.first = entry;
  }

  remove(entry: Entry): void {
    if (entry.previous === undefined) this.first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next !== undefined) entry.next.previous = entry.previous;
    entry.previous = entry.next = entry.home = undefined;
  }
}

/**
 * A timing wheel on one timer for any number of deadlines. It sleeps until the next occupied slot,
 * never keeps the process alive, and does not count time in which the event loop stood still.
 */
export class CoarseClock implements Clock {
  readonly #wheel: readonly Bucket[] = Array.from({ length: SLOTS }, () => new Bucket());
  readonly #due = new Bucket();
  #timer: NodeJS.Timeout | undefined;
  #planned = Infinity;
  /** The last slot that was worked off. */
  #done = -1;
  #stalled = 0;

  now(): number {
    return performance.now() - this.#stalled;
  }

  after(delay: number, task: () => void): Deadline {
    return this.#plan(delay, task);
  }

  wake(delay: number, sleeper: Sleeper): Deadline {
    return this.#plan(delay, sleeper);
  }

  #plan(delay: number, task: (() => void) | Sleeper): Deadline {
    if (delay === Infinity) return never;
    const slot = Math.max(Math.ceil((this.now() + delay) / SLOT), this.#done + 1);
    const entry = new Entry(slot, task);
    this.#bucket(slot).add(entry);
    this.#arm(slot * SLOT);
    return entry;
  }

  #bucket(slot: number): Bucket {
    return this.#wheel[slot % SLOTS] ?? this.#due;
  }

  #arm(due: number): void {
    if (due >= this.#planned) return;
    clearTimeout(this.#timer);
    this.#planned = due;
    this.#timer = setTimeout(this.#tick, Math.max(1, due - this.now())).unref();
  }

  readonly #tick = (): void => {
    const late = this.now() - this.#planned;
    if (late > STALL) this.#stalled += late + SLOT;
    // What came while the event loop was busy is read before anything due is judged.
    setImmediate(this.#judge);
  };

  readonly #judge = (): void => {
    this.#planned = Infinity;
    this.#collect(Math.floor(this.now() / SLOT));
    while (this.#due.first !== undefined) {
      const entry = this.#due.first;
      entry.cancel();
      entry.run();
    }
    this.#armNext();
  };

  /** Moves what is due up to a slot out of the wheel, so that a task may add and cancel freely. */
  #collect(current: number): void {
    const from = Math.max(this.#done + 1, current - SLOTS + 1);
    for (let slot = from; slot <= current; slot++) {
      for (let entry = this.#bucket(slot).first; entry !== undefined;) {
        const next = entry.next;
        if (entry.slot <= current) {
          entry.cancel();
          this.#due.add(entry);
        }
        entry = next;
      }
    }
    this.#done = Math.max(this.#done, current);
  }

  #armNext(): void {
    for (let slot = this.#done + 1; slot <= this.#done + SLOTS; slot++) {
      if (this.#bucket(slot).first !== undefined) return this.#arm(slot * SLOT);
    }
  }
}

/** The clock of this process: one timer, however many connections there are. */
export const sharedClock: Clock = new CoarseClock();
