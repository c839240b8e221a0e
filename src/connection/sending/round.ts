import type { SharedMessage } from '../../protocol/sending/shared-message.ts';
import { type Flushable, planFlush } from '../../transport/flush-plan.ts';
import { GrowingRange } from '../../transport/growing-range.ts';
import type { Connection } from '../connection.ts';
import type { Tally } from '../reporting/tally.ts';
import type { Outgoing } from './outgoing.ts';
import type { SendOptions } from './send-options.ts';

/** What became of a message to many; receivers that are not open count nowhere. */
export interface BroadcastResult {
  /** How many receivers it was queued for. */
  readonly queued: number;
  /** How many lost it by their back-pressure policy. */
  readonly dropped: number;
}

/** What one more message to the same receivers goes by, once they follow the one before. */
interface Following {
  readonly range: GrowingRange;
  /** Who counts what is sent, and for how many. */
  readonly tallies: Map<Tally, number>;
  count: number;
  /** Those who do not, and are asked each time. */
  readonly others: Outgoing[];
}

/**
 * Messages to the same receivers within one tick. Those that take the second at once, in the frame
 * that all share, follow its memory: what is appended there is queued for all of them, until one of
 * them sends something else, closes, or may have too much to send.
 */
export class Round {
  readonly #connections: readonly Connection[];
  readonly #except: Connection | undefined;
  readonly #receivers: readonly Outgoing[];
  #following: Following | undefined;
  #first = true;

  constructor(
    connections: readonly Connection[],
    except: Connection | undefined,
    receivers: readonly Outgoing[],
  ) {
    this.#connections = connections;
    this.#except = except;
    this.#receivers = receivers;
  }

  /** Whether it is for the same receivers. */
  isFor(connections: readonly Connection[], except: Connection | undefined): boolean {
    const { length } = this.#connections;
    if (except !== this.#except || connections.length !== length) return false;
    return connections.every((connection, index) => connection === this.#connections[index]);
  }

  /** Sends the next message. */
  send(message: SharedMessage, options: SendOptions | undefined): BroadcastResult {
    const following = this.#following;
    if (following !== undefined && append(following, message)) {
      const { queued, dropped } = sendEach(following.others, message, options);
      return { queued: queued + following.count, dropped };
    }
    // Following costs as much as sending: it must not be for the next message alone each time.
    const begins = following === undefined && !this.#first;
    const next = begins ? follow(message) : undefined;
    this.#first = false;
    // Not before all are asked: one that is dropped may make the application send meanwhile.
    this.#following = undefined;
    const result = sendEach(this.#receivers, message, options, next);
    this.#following = next;
    return result;
  }
}

/** At most one: what is sent to others in between ends it, since its frame lies in the same memory. */
let current: Round | undefined;
let endPlanned = false;
const tickEnd: Flushable = {
  flush() {
    endPlanned = false;
    endRound();
  },
};

/** The round of this tick, if any. */
export function currentRound(): Round | undefined {
  return current;
}

/** Begins the round of messages to these receivers. */
export function beginRound(...receivers: ConstructorParameters<typeof Round>): Round {
  if (!endPlanned) planFlush(tickEnd);
  endPlanned = true;
  return (current = new Round(...receivers));
}

/** Somebody changes in another way than by sending: the next message asks each receiver again. */
export function endRound(): void {
  current = undefined;
}

/** Sends a message to each, and notes who follows it. */
export function sendEach(
  receivers: readonly Outgoing[],
  message: SharedMessage,
  options: SendOptions | undefined,
  following?: Following,
): BroadcastResult {
  const result = { queued: 0, dropped: 0 };
  for (const receiver of receivers) {
    const queued = receiver.share(message, options);
    if (queued === true) result.queued++;
    else if (queued === false) result.dropped++;
    if (following !== undefined && queued !== undefined) note(following, receiver);
  }
  return result;
}

/** What receivers of this message are to follow; not where its memory ends with it. */
function follow({ plain: { frame } }: SharedMessage): Following | undefined {
  if (frame.byteOffset + frame.length === frame.buffer.byteLength) return undefined;
  return { range: new GrowingRange(frame), tallies: new Map(), count: 0, others: [] };
}

function note(following: Following, receiver: Outgoing): void {
  const { range, tallies, others } = following;
  const tally = receiver.follow(range);
  if (tally === undefined) return void others.push(receiver);
  following.count++;
  tallies.set(tally, (tallies.get(tally) ?? 0) + 1);
}

/** Queues a message for all that follow, if nothing came between and all of them have room. */
function append({ range, tallies }: Following, { plain }: SharedMessage): boolean {
  const { frame } = plain;
  if (!range.append(frame)) return false;
  for (const [tally, count] of tallies) {
    tally.messagesSent += count;
    tally.bytesSent += count * frame.length;
  }
  return true;
}
