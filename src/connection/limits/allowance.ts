import { CloseCode } from '../../protocol/closing/close-code.ts';
import type { ResolvedLimitOptions } from '../options/limit-options.ts';
import { Hold } from '../receiving/reading.ts';
import type { LimitName } from '../reporting/tally.ts';
import type { Clock } from '../timing/clock.ts';
import { ControlRate, type ControlRateActions } from './control-rate.ts';
import { Account, type AccountOwner } from './memory-budget.ts';
import { RateLimit } from './rate-limit.ts';
import type { MemoryBudgets } from './shared-budgets.ts';
import type { Holdable } from './throttle.ts';

const tooMany = 'too many control frames';
const noMemory = 'there is no memory for this connection';

/** What is done when a peer costs too much. */
export interface AllowanceActions {
  /** A limit was hit: it is counted. */
  hit(limit: LimitName): void;
  /** The connection is failed. */
  fail(code: number, reason: string, error: undefined, limit: LimitName): void;
}

/** Messages that wait for the application, in bytes; on a shortage they are dropped. */
export interface WaitingMessages {
  readonly waiting: number;
  drop(): void;
}

/** What one peer may cost: messages, bytes and control frames a second, and memory. */
export class Allowance implements AccountOwner, ControlRateActions {
  readonly clock: Clock;
  /** Whether messages and bytes are counted at all. */
  readonly rated: boolean;
  readonly #flow: Holdable;
  readonly #actions: AllowanceActions;
  readonly #messages: WaitingMessages;
  readonly #rate: RateLimit | undefined;
  readonly #controlFrames: ResolvedLimitOptions['controlFrames'];
  #control: ControlRate | undefined;
  readonly #budgets: MemoryBudgets;
  #input: Account | undefined;
  #output: Account | undefined;
  #over = false;

  constructor(
    options: ResolvedLimitOptions,
    flow: Holdable,
    clock: Clock,
    actions: AllowanceActions,
    messages: WaitingMessages,
  ) {
    const { rateLimit, controlFrames, memoryBudget } = options;
    this.clock = clock;
    this.rated = rateLimit !== false;
    this.#flow = flow;
    this.#actions = actions;
    this.#messages = messages;
    this.#rate = rateLimit
      ? new RateLimit(rateLimit, flow, clock, () => actions.hit('rateLimit'))
      : undefined;
    this.#controlFrames = controlFrames;
    this.#budgets = memoryBudget;
  }

  /** Memory that was said to hold what came in, in bytes. */
  get input(): number {
    return this.#input?.held ?? 0;
  }

  /** Memory that holds what came in and was not taken yet, in bytes. */
  set input(bytes: number) {
    if (this.#input === undefined && bytes > 0)
      this.#input = new Account(this.#budgets.input, this);
    this.#input?.set(bytes);
  }

  /** Memory that holds what was sent and has not left yet, in bytes. */
  set output(bytes: number) {
    if (this.#output === undefined && bytes > 0 && !this.#over)
      this.#output = new Account(this.#budgets.output, this);
    this.#output?.set(bytes);
  }

  onMessage(): void {
    if (!this.#over) this.#rate?.onMessage();
  }

  /** A Ping came, or a Pong that nobody asked for. */
  onControlFrame(): void {
    if (this.#over || !this.#controlFrames) return;
    this.#control ??= new ControlRate(this.#controlFrames, this.#flow, this.clock, this);
    this.#control.onFrame();
  }

  /** So many bytes were read. */
  onBytes(length: number): void {
    if (!this.#over) this.#rate?.onBytes(length);
  }

  /** Nothing is sent or received any more; what was received may still wait for the application. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#rate?.end();
    this.#control?.end();
    this.#output?.end();
    this.#flow.release(Hold.OutputShort);
  }

  /** Reading slows: there were more control frames than the burst and the rate allow. */
  onLimit(): void {
    this.#actions.hit('controlFrames');
  }

  /** It went on like that for too long. */
  onExceeded(): void {
    this.#fail(CloseCode.PolicyViolation, tooMany, 'controlFrames');
  }

  onShortage(account: Account): void {
    this.#actions.hit(this.#limitOf(account));
    this.#flow.hold(this.#holdOf(account));
  }

  onRelieved(account: Account): void {
    this.#flow.release(this.#holdOf(account));
  }

  onEvicted(account: Account): void {
    this.#fail(CloseCode.TryAgainLater, noMemory, this.#limitOf(account));
    if (account === this.#input) this.#messages.drop();
  }

  #fail(code: number, reason: string, limit: LimitName): void {
    this.#actions.fail(code, reason, undefined, limit);
  }

  #holdOf(account: Account): Hold {
    return account === this.#input ? Hold.InputShort : Hold.OutputShort;
  }

  #limitOf(account: Account): LimitName {
    return account === this.#input ? 'memoryBudget.input' : 'memoryBudget.output';
  }
}
