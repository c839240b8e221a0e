import { MemoryBudget } from '../limits/memory-budget.ts';
import { type MemoryBudgets, sharedBudgets } from '../limits/shared-budgets.ts';
import { duration, integer, nested, orFalse, type Rule, type Rules } from './option-rules.ts';

/** How much is read in a second; one second's worth may come at once. */
export interface RateLimitOptions {
  /** Messages a second. Default: no limit. */
  readonly messages?: number;
  /** Bytes a second, frame headers included. Default: no limit. */
  readonly bytes?: number;
}

/** How many Pings and unasked Pongs are read. */
export interface ControlFrameOptions {
  /** So many may come at once. Default: 200. */
  readonly burst?: number;
  /** So many a second beyond it. Default: 50. */
  readonly rate?: number;
  /** How long there may be more before the connection fails with 1008. Default: 10 000. */
  readonly timeout?: number;
}

/** Memory that connections share, in bytes. */
export interface MemoryBudgetOptions {
  /** For what came in and was not taken yet. */
  readonly input?: number;
  /** For what was sent and has not left yet. */
  readonly output?: number;
}

/** Options that bound what a peer may cost. */
export interface LimitOptions {
  /** Beyond it reading pauses; nothing is lost. Default: false. */
  readonly rateLimit?: RateLimitOptions | false;
  /** Beyond it reading slows. Default: `{ burst: 200, rate: 50, timeout: 10_000 }`; false: off. */
  readonly controlFrames?: ControlFrameOptions | false;
  /**
   * Beyond it reading pauses, then whoever holds most is closed with 1013. Default: the process's
   * two budgets, each a quarter of the heap's limit, at most 256 MiB.
   */
  readonly memoryBudget?: MemoryBudgetOptions;
}

/** Options of limits, checked and complete. */
export interface ResolvedLimitOptions {
  readonly rateLimit: Readonly<Required<RateLimitOptions>> | false;
  readonly controlFrames: Readonly<Required<ControlFrameOptions>> | false;
  readonly memoryBudget: MemoryBudgets;
}

const rateLimit = Object.freeze({ messages: Infinity, bytes: Infinity });
const controlFrames = Object.freeze({ burst: 200, rate: 50, timeout: 10_000 });

/** What holds where nothing else is said. */
export const limitDefaults: ResolvedLimitOptions = Object.freeze({
  rateLimit: false,
  controlFrames,
  memoryBudget: sharedBudgets,
});

const unlimited = integer(1, Number.MAX_SAFE_INTEGER, true);

/** A number of bytes makes a budget of its own, shared by all that these options are for. */
const budget: Rule<MemoryBudget> = (value, name) => new MemoryBudget(unlimited(value, name));

/** The rules of these options; nested objects are completed from the defaults given. */
export function limitRules(defaults: ResolvedLimitOptions): Rules<ResolvedLimitOptions> {
  const rates = { messages: unlimited, bytes: unlimited };
  const frames = { burst: integer(1), rate: integer(1), timeout: duration };
  return {
    rateLimit: orFalse(nested(rates, defaults.rateLimit || rateLimit)),
    controlFrames: orFalse(nested(frames, defaults.controlFrames || controlFrames)),
    memoryBudget: nested({ input: budget, output: budget }, defaults.memoryBudget),
  };
}
