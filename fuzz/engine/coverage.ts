import { Session, type Profiler } from 'node:inspector';

/** A function's bytes of source: which were reached, and where blocks begin. */
interface FunctionMap {
  readonly reached: Uint8Array;
  readonly borders: Set<number>;
}

/** What the inspector says about the scripts that matter. */
export type Reached = readonly Profiler.ScriptCoverage[];

/**
 * Which blocks of the code under test this process has reached, by the inspector's precise coverage.
 * It must be started before that code is loaded: what was compiled before has no blocks.
 */
export class Coverage {
  readonly #session = new Session();
  readonly #concerns: (url: string) => boolean;
  #functions = new Map<string, FunctionMap>();

  /** Looks at the scripts alone whose URL concerns it. */
  constructor(concerns: (url: string) => boolean) {
    this.#concerns = concerns;
  }

  start(): void {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  stop(): void {
    this.#session.disconnect();
  }

  /** Forgets what was reached. */
  reset(): void {
    this.#functions = new Map();
    this.#take();
  }

  /** What was reached since the last call. */
  take(): Reached {
    return this.#take().filter(({ url }) => this.#concerns(url));
  }

  /** Whether there is something in it that was never reached before. */
  isNew(reached: Reached): boolean {
    return this.#each(reached, (known, now) => now.some((byte, at) => byte > (known[at] ?? 0)));
  }

  /** Remembers what was reached; whether there was something new in it. */
  add(reached: Reached): boolean {
    return this.#each(reached, merge);
  }

  /** How many blocks were reached. */
  get blocks(): number {
    let count = 0;
    for (const { reached, borders } of this.#functions.values()) {
      for (const border of borders) count += reached[border] ?? 0;
    }
    return count;
  }

  #take(): Reached {
    let result: Reached = [];
    // The session of one's own thread answers before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error !== null) throw error;
      ({ result } = answer);
    });
    return result;
  }

  /** Whether `step` says so for one of the functions at least; it is called for all. */
  #each(reached: Reached, step: (known: Uint8Array, now: Uint8Array) => boolean): boolean {
    let found = false;
    for (const { url, functions } of reached) {
      for (const { ranges } of functions) found = this.#look(url, ranges, step) || found;
    }
    return found;
  }

  /** Ranges come from the outside in: the innermost says whether a byte was reached. */
  #look(
    url: string,
    ranges: readonly Profiler.CoverageRange[],
    step: (known: Uint8Array, now: Uint8Array) => boolean,
  ): boolean {
    const [outer] = ranges;
    if (outer === undefined) return false;
    const { startOffset: base, endOffset } = outer;
    const map = this.#mapOf(`${url} ${base} ${endOffset}`, endOffset - base);
    const now = new Uint8Array(endOffset - base);
    for (const { startOffset, endOffset: end, count } of ranges) {
      now.fill(count > 0 ? 1 : 0, startOffset - base, end - base);
      map.borders.add(startOffset - base).add(end - base);
    }
    return step(map.reached, now);
  }

  #mapOf(key: string, length: number): FunctionMap {
    const known = this.#functions.get(key);
    if (known !== undefined) return known;
    const map = { reached: new Uint8Array(length), borders: new Set<number>() };
    this.#functions.set(key, map);
    return map;
  }
}

function merge(reached: Uint8Array, now: Uint8Array): boolean {
  let found = false;
  for (const [index, byte] of now.entries()) {
    if (byte === 0 || reached[index] !== 0) continue;
    reached[index] = 1;
    found = true;
  }
  return found;
}
