/** What went wrong with numbered messages. */
export interface Faults {
  lost: number;
  duplicated: number;
  reordered: number;
  corrupt: number;
}

/** Nothing went wrong. */
export function noFaults(): Faults {
  return { lost: 0, duplicated: 0, reordered: 0, corrupt: 0 };
}

/** Checks that the numbers of one connection's messages come as 0, 1, 2, … */
export class SequenceCheck {
  readonly #faults: Faults;
  readonly #missing = new Set<number>();
  #next = 0;

  /** What goes wrong is counted in `faults`, which several checks may share. */
  constructor(faults: Faults) {
    this.#faults = faults;
  }

  /** Takes the number of a message; undefined stands for one whose checksum is wrong. */
  receive(number: number | undefined): void {
    if (number === undefined) this.#faults.corrupt += 1;
    else if (number >= this.#next) this.#skipTo(number);
    else if (this.#missing.delete(number)) {
      this.#faults.reordered += 1;
      this.#faults.lost -= 1;
    } else this.#faults.duplicated += 1;
  }

  /** Takes how many messages there were in all; what did not come by now is lost. */
  end(count: number): void {
    if (count > this.#next) this.#faults.lost += count - this.#next;
  }

  #skipTo(number: number): void {
    for (let missing = this.#next; missing < number; missing += 1) this.#missing.add(missing);
    this.#faults.lost += number - this.#next;
    this.#next = number + 1;
  }
}
