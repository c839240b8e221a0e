import type { Figure, Target } from './arena.ts';
import { Arena } from './arena.ts';
import type { Input } from './row.ts';
import { Stage } from './stage.ts';
import { assertQuiet, resourcesBack } from './vitals.ts';
import { until } from './waiting.ts';

/** What an input gave. */
export interface Outcome {
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}

/** The servers that most inputs share, and what must hold after each input. */
export class Theatre {
  readonly #full: boolean;
  readonly #stages = new Map<Target, Promise<Stage>>();

  constructor(full: boolean) {
    this.#full = full;
  }

  /** The server for a target; a client's is the one whose canary sings meanwhile. */
  stage(target: Target): Promise<Stage> {
    const name = target.startsWith('client') ? 'plain' : target;
    const known = this.#stages.get(name);
    if (known !== undefined) return known;
    const stage = Stage.open({ tls: name === 'tls', deflate: name === 'deflate' });
    this.#stages.set(name, stage);
    return stage;
  }

  /**
   * Tries one input. Then the canaries must sing, every connection must have ended with one event,
   * handles, timers and sockets must be as before, and nobody may have complained.
   */
  async perform({ target, run }: Input, silent = true): Promise<Outcome> {
    const stage = await this.stage(target);
    const arena = new Arena(stage, target, { full: this.#full, silent });
    try {
      await run(arena);
      for (const canary of stage.canaries) await canary.check();
    } finally {
      await arena.clear();
    }
    const { opened, baseline, figures, notes } = arena;
    const over = () => opened.every(({ infos }) => infos.length > 0);
    await until(over, 2_000, 'a terminal event of each connection');
    for (const witness of opened) witness.assertEndedOnce();
    // What is only kept to be looked at is no memory of the server's.
    stage.witnesses.length = 0;
    await resourcesBack(baseline);
    for (const canary of stage.canaries) await canary.check();
    assertQuiet();
    return { figures, notes };
  }

  /** The servers in use. */
  async stages(): Promise<Stage[]> {
    return Promise.all(this.#stages.values());
  }

  async close(): Promise<void> {
    for (const stage of this.#stages.values()) await (await stage).close();
    this.#stages.clear();
  }
}
