import type { Violation } from '../../protocol/errors.ts';

/** The limits and deadlines that can be hit, each by the name of its option. */
export const limitNames = Object.freeze([
  'maxMessageSize',
  'maxFrameSize',
  'maxFragments',
  'messageTimeout',
  'stallTimeout',
  'heartbeat',
  'closeTimeout',
  'backpressure.hard',
  'backpressure.timeout',
  'rateLimit',
  'controlFrames',
  'compression.maxRatio',
  'memoryBudget.input',
  'memoryBudget.output',
  'handshakeTimeout',
  'headLimits',
  'maxPendingHandshakes',
  'maxConnections',
  'maxConnectionsPerAddress',
] as const);

/** The name of a limit. */
export type LimitName = (typeof limitNames)[number];

const limitsOfViolations: Partial<Record<Violation, LimitName>> = {
  MESSAGE_TOO_BIG: 'maxMessageSize',
  FRAME_TOO_BIG: 'maxFrameSize',
  RATIO_TOO_HIGH: 'compression.maxRatio',
  TOO_MANY_FRAGMENTS: 'maxFragments',
};

/** The limit a violation is about, if it is about one. */
export function limitOf(violation: Violation): LimitName | undefined {
  return limitsOfViolations[violation];
}

/** What the connections of one server have done so far; counting allocates nothing per message. */
export class Tally {
  /** Messages that came whole, or whose last piece came. */
  messagesReceived = 0;
  /** Messages that `send` accepted to their end. */
  messagesSent = 0;
  /** Bytes behind the opening handshakes, frame headers included. */
  bytesReceived = 0;
  bytesSent = 0;
  /** How often each limit was hit. */
  readonly limits = new Map<LimitName, number>();

  /** Counts one more hit of a limit. */
  hit(limit: LimitName): void {
    this.limits.set(limit, (this.limits.get(limit) ?? 0) + 1);
  }
}
