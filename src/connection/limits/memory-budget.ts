import type { Clock, Deadline } from '../timing/clock.ts';

/** How long a budget may be exceeded before the largest holder goes, in milliseconds. */
const GRACE = 1000;
/** Beyond this multiple of the budget it goes at once. */
const TOO_MUCH = 1.25;

/** A connection whose memory is counted. */
export interface AccountOwner {
  readonly clock: Clock;
  /** Reads nothing more until `onRelieved`: what it read made the shortage worse. */
  onShortage(account: Account): void;
  onRelieved(account: Account): void;
  /** It holds most: it must let go of what it holds. */
  onEvicted(account: Account): void;
}

/**
 * Memory that many connections share, in bytes. When they hold more, those that add to it stop
 * reading; when that does not help in time, whoever holds most is given up, until it does.
 */
export class MemoryBudget {
  readonly limit: number;
  #used = 0;
  readonly #holders = new Set<Account>();
  readonly #waiting = new Set<Account>();
  #grace: Deadline | undefined;
  /** Whether owners are being called, whose memory changes meanwhile. */
  #settling = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** What is held at this moment. */
  get used(): number {
    return this.#used;
  }

  /** @internal An account changed: the same few steps, however many accounts there are. */
  change(account: Account, from: number, to: number): void {
    this.#used += to - from;
    if (from === 0) this.#holders.add(account);
    else if (to === 0) this.#holders.delete(account);
    if (this.#used <= this.limit) {
      if (this.#grace !== undefined) this.#settle();
    } else if (to > from) {
      this.#exceed(account);
    }
  }

  /** @internal An account that holds nothing any more takes no part any more. */
  leave(account: Account): void {
    this.#waiting.delete(account);
  }

  #exceed(account: Account): void {
    if (!this.#waiting.has(account)) {
      this.#waiting.add(account);
      account.owner.onShortage(account);
    }
    if (this.#used > this.limit * TOO_MUCH && !this.#settling) return this.#settle();
    this.#grace ??= account.owner.clock.after(GRACE, this.#onGrace);
  }

  readonly #onGrace = (): void => {
    this.#grace = undefined;
    this.#settle();
  };

  /** Makes room if there is none, then lets those that wait read on. */
  #settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    try {
      if (this.#used > this.limit) this.#evict();
      this.#relieve();
    } finally {
      this.#settling = false;
    }
  }

  #evict(): void {
    const largestFirst = [...this.#holders].toSorted((a, b) => b.held - a.held);
    for (const account of largestFirst) {
      if (this.#used <= this.limit) return;
      account.end();
      account.owner.onEvicted(account);
    }
  }

  #relieve(): void {
    // What filled it again while room was made has a while of its own.
    if (this.#used > this.limit) return;
    this.#grace?.cancel();
    this.#grace = undefined;
    for (const account of this.#waiting) {
      if (this.#used > this.limit) return;
      this.#waiting.delete(account);
      account.owner.onRelieved(account);
    }
  }
}

/** What one connection holds of a budget. */
export class Account {
  readonly owner: AccountOwner;
  readonly #budget: MemoryBudget;
  #held = 0;
  #ended = false;

  constructor(budget: MemoryBudget, owner: AccountOwner) {
    this.#budget = budget;
    this.owner = owner;
  }

  /** What is held, in bytes. */
  get held(): number {
    return this.#held;
  }

  /** Says how much is held now, in bytes. */
  set(amount: number): void {
    const held = this.#held;
    if (amount === held || this.#ended) return;
    this.#held = amount;
    this.#budget.change(this, held, amount);
  }

  /** Holds nothing from now on. */
  end(): void {
    if (this.#ended) return;
    this.#budget.leave(this);
    this.set(0);
    this.#ended = true;
  }
}
