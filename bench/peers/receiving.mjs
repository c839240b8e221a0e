// The orders of a measured client: it echoes what comes at first, then counts only.
import { obey } from './control.mjs';

/** What a measured client does with messages. */
export class Receiving {
  /** Whether messages go back to the server that sent them. */
  echoes = true;
  #received = 0;
  #wanted = Infinity;
  #reached = () => {};

  constructor(version, open) {
    let close = () => {};
    obey(
      { version },
      {
        connect: async (port) => {
          this.echoes = true;
          this.#received = 0;
          close = await open(`ws://127.0.0.1:${port}/`);
        },
        count: () => {
          this.echoes = false;
          this.#received = 0;
        },
        until: (count) => this.#until(Number(count)),
        disconnect: () => close(),
      },
    );
  }

  /** Counts a message. */
  count() {
    this.#received += 1;
    if (this.#received >= this.#wanted) this.#reached();
  }

  async #until(wanted) {
    if (this.#received < wanted) {
      await new Promise((resolve) => {
        this.#wanted = wanted;
        this.#reached = resolve;
      });
    }
    this.#wanted = Infinity;
    return { received: this.#received };
  }
}
