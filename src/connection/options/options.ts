import { type CompressionOptions, compressionRule } from './compression-options.ts';
import {
  limitDefaults,
  type LimitOptions,
  limitRules,
  type ResolvedLimitOptions,
} from './limit-options.ts';
import {
  callable,
  duration,
  flag,
  integer,
  nested,
  oneOf,
  orFalse,
  type Rule,
  type Rules,
} from './option-rules.ts';

export type { CompressionOptions } from './compression-options.ts';

/** When to ask a silent peer for a sign of life, and how long to wait for it; milliseconds. */
export interface HeartbeatOptions {
  /** Silence after which a Ping goes out, ± 10 %. Default: 25 000. */
  readonly interval?: number;
  /** How long any byte may take to come after that Ping. Default: 20 000. */
  readonly timeout?: number;
}

/** How many bytes may wait for a slow peer. */
export interface BackpressureOptions {
  /** From here on `send` answers false, in bytes. Default: 64 KiB, at most `hard`. */
  readonly soft?: number;
  /** From here on the policy decides, in bytes. Default: 1 MiB on a server, 16 MiB on a client. */
  readonly hard?: number;
  /**
   * What happens at the hard mark: `close` ends the connection with 1013, the others drop whole
   * messages of which nothing was written and count them: the new one, the oldest, or (at any time)
   * an earlier one with the same `key`, else the oldest. Default: `close`.
   */
  readonly policy?: 'close' | 'drop-newest' | 'drop-oldest' | 'conflate';
  /** How long bytes may wait without one leaving, in milliseconds. Default: 30 000. */
  readonly timeout?: number;
}

/** How memory for an unfinished message grows, in bytes. */
export interface ReceiveBufferOptions {
  /** The first piece of memory. Default: 1 024. */
  readonly initial?: number;
  /** Every further piece. Default: doubles up to 64 KiB. */
  readonly growBy?: number;
  /** A longer message fails with 1009, however it came. Default: no limit but `maxMessageSize`. */
  readonly max?: number;
}

/** Options of a connection in either role; times in milliseconds, sizes in bytes. */
export interface ConnectionOptions extends LimitOptions {
  /** The largest message to accept, after inflation. Default: 1 MiB on a server, 16 MiB on a client. */
  readonly maxMessageSize?: number;
  /** The most fragments of one message. Default: 1 024. */
  readonly maxFragments?: number;
  /** The largest frame to accept. Default: no limit but the message's. */
  readonly maxFrameSize?: number;
  /** The largest message to accept in pieces. Default: no limit. */
  readonly maxStreamedSize?: number;
  /** Larger messages are sent in fragments of this size. Default: no limit. */
  readonly maxFragmentSize?: number;
  /** From a message's first byte to its end, longer while 2 KiB/s of it arrive. Default: 30 000. */
  readonly messageTimeout?: number;
  /** Silence inside a frame that ends the connection with 1001. Default: Infinity, off. */
  readonly stallTimeout?: number;
  /** How long the peer may take to answer a Close. Default: 5 000. */
  readonly closeTimeout?: number;
  /** Default: `{ interval: 25_000, timeout: 20_000 }`; false turns it off. */
  readonly heartbeat?: HeartbeatOptions | false;
  readonly backpressure?: BackpressureOptions;
  /** Bytes of messages, and what each costs, that may wait to be taken. Default: 64 KiB. */
  readonly receiveQueue?: number;
  /** How many `message` calls may be pending at once. Default: 1. */
  readonly concurrency?: number;
  /** Whether text must be valid UTF-8 (RFC 6455 §8.1). Default: true. */
  readonly validateUtf8?: boolean;
  /** Whether reserved bits and opcodes are handed to the application. Default: false. */
  readonly allowReservedBits?: boolean;
  /** Whether a Close is answered at once; false leaves it to `close()`. Default: true. */
  readonly echoClose?: boolean;
  /** Draws the masking keys of a client. Default: strong random ones. */
  readonly maskingKey?: () => number;
  readonly receiveBuffer?: ReceiveBufferOptions;
  /** TCP keep-alive with this initial delay. Default: false. */
  readonly keepAlive?: number | false;
  /** permessage-deflate. Default: false; true stands for its defaults. */
  readonly compression?: CompressionOptions | boolean;
}

/** Options of a connection, checked and complete. */
export interface ResolvedConnectionOptions extends ResolvedLimitOptions {
  readonly maxMessageSize: number;
  readonly maxFragments: number;
  readonly maxFrameSize: number;
  readonly maxStreamedSize: number;
  readonly maxFragmentSize: number;
  readonly messageTimeout: number;
  readonly stallTimeout: number;
  readonly closeTimeout: number;
  readonly heartbeat: Readonly<Required<HeartbeatOptions>> | false;
  readonly backpressure: Readonly<Required<BackpressureOptions>>;
  readonly receiveQueue: number;
  readonly concurrency: number;
  readonly validateUtf8: boolean;
  readonly allowReservedBits: boolean;
  readonly echoClose: boolean;
  readonly maskingKey: (() => number) | undefined;
  readonly receiveBuffer: Readonly<Required<ReceiveBufferOptions>>;
  readonly keepAlive: number | false;
  readonly compression: Readonly<Required<CompressionOptions>> | false;
}

const KIB = 1024;
const MIB = 1024 * KIB;

const heartbeat = Object.freeze({ interval: 25_000, timeout: 20_000 });
const receiveBuffer = Object.freeze({ initial: KIB, growBy: 0, max: Infinity });

function defaultsOf(maxMessageSize: number, hard: number): ResolvedConnectionOptions {
  return Object.freeze({
    maxMessageSize,
    maxFragments: 1024,
    maxFrameSize: Infinity,
    maxStreamedSize: Infinity,
    maxFragmentSize: Infinity,
    messageTimeout: 30_000,
    stallTimeout: Infinity,
    closeTimeout: 5_000,
    heartbeat,
    backpressure: Object.freeze({ soft: 64 * KIB, hard, policy: 'close', timeout: 30_000 }),
    receiveQueue: 64 * KIB,
    concurrency: 1,
    validateUtf8: true,
    allowReservedBits: false,
    echoClose: true,
    maskingKey: undefined,
    receiveBuffer,
    keepAlive: false,
    compression: false,
    ...limitDefaults,
  });
}

/** What a server's connections get where nothing else is said. */
export const serverDefaults = defaultsOf(MIB, MIB);

/** What a client's connections get where nothing else is said. */
export const clientDefaults = defaultsOf(16 * MIB, 16 * MIB);

const unlimited = integer(1, Number.MAX_SAFE_INTEGER, true);

/**
 * The rules of the options of this file. Defaults are passed in because an endpoint's are its
 * server's: nested objects are completed from them key by key.
 */
export function connectionRules(
  defaults: ResolvedConnectionOptions,
): Rules<ResolvedConnectionOptions> {
  return {
    ...limitRules(defaults),
    maxMessageSize: unlimited,
    maxFragments: unlimited,
    maxFrameSize: unlimited,
    maxStreamedSize: unlimited,
    maxFragmentSize: unlimited,
    messageTimeout: duration,
    stallTimeout: duration,
    closeTimeout: duration,
    heartbeat: orFalse(heartbeatRule(defaults)),
    backpressure: backpressureRule(defaults.backpressure),
    receiveQueue: integer(0),
    concurrency: unlimited,
    validateUtf8: flag,
    allowReservedBits: flag,
    echoClose: flag,
    maskingKey: callable<() => number>(),
    receiveBuffer: nested(receiveBufferRules, defaults.receiveBuffer),
    keepAlive: orFalse(integer(1, 0x7fff_ffff)),
    compression: compressionRule(defaults.compression),
  };
}

function heartbeatRule(defaults: ResolvedConnectionOptions) {
  return nested<Required<HeartbeatOptions>>(
    { interval: duration, timeout: duration },
    defaults.heartbeat === false ? heartbeat : defaults.heartbeat,
  );
}

type Marks = Readonly<Required<BackpressureOptions>>;

const backpressureRules: Rules<Marks> = {
  soft: integer(1),
  hard: integer(1),
  policy: oneOf('close', 'drop-newest', 'drop-oldest', 'conflate'),
  timeout: duration,
};

/** The marks are judged together; a soft one that was not given makes way for the hard one. */
function backpressureRule(defaults: Marks): Rule<Marks> {
  const complete = nested(backpressureRules, defaults);
  return (value, name) => {
    const marks = complete(value, name);
    const { soft, hard } = marks;
    if (soft <= hard) return marks;
    if ((value as BackpressureOptions).soft === undefined) {
      return Object.freeze({ ...marks, soft: hard });
    }
    throw new RangeError(
      `${name}.soft must be at most ${name}.hard, which is ${hard}, but is ${soft}`,
    );
  };
}

const receiveBufferRules: Rules<Required<ReceiveBufferOptions>> = {
  initial: integer(1),
  growBy: integer(1),
  max: unlimited,
};
