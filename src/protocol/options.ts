import { randomMaskingKey } from '#platform';

import type { DeflateParameters, DeflateSettings } from './extension/permessage-deflate.ts';
import type { HeaderRules } from './frame/header.ts';
import type { Pieces } from './receiving/assembler.ts';
import type { GatheringSizes } from './receiving/gathering.ts';
import type { Role } from './role.ts';

/** What one end of a connection keeps to; sizes in bytes. */
export interface ProtocolOptions {
  readonly role: Role;
  /** The largest message to accept, after inflation. */
  readonly maxMessageSize: number;
  /** The most fragments of one message. Default: 1 024. */
  readonly maxFragments?: number;
  /** The largest frame to accept. Default: Infinity. */
  readonly maxFrameSize?: number;
  /** The largest message to accept in pieces. Default: Infinity. */
  readonly maxStreamedSize?: number;
  /** Larger messages are sent in fragments of this size. Default: Infinity. */
  readonly maxFragmentSize?: number;
  /** Whether text must be valid UTF-8. Default: true. */
  readonly validateUtf8?: boolean;
  /** Whether reserved bits and opcodes pass. Default: false. */
  readonly allowReservedBits?: boolean;
  /** Whether a Close is answered at once. Default: true. */
  readonly echoClose?: boolean;
  /** Whether messages are handed on in pieces, to `onPiece`; `decide` may say so later. Default: false. */
  readonly pieces?: Pieces;
  /**
   * How memory for an unfinished message grows; every message longer than its `max` fails, unless
   * in pieces. Default: 1 KiB, doubling up to 64 KiB, no limit.
   */
  readonly receiveBuffer?: GatheringSizes;
  /**
   * Whether chunks are nobody else's: then their memory, and that of what is inflated, may be freed
   * early. Default: false.
   */
  readonly givenChunks?: boolean;
  /** Draws a fresh 32-bit key for each frame of a client. Default: strong random keys. */
  readonly nextMaskingKey?: (() => number) | undefined;
  /** permessage-deflate as negotiated. Default: none. */
  readonly deflate?: (DeflateParameters & DeflateSettings) | undefined;
}

const defaults = {
  maxFragments: 1024,
  maxFrameSize: Infinity,
  maxStreamedSize: Infinity,
  maxFragmentSize: Infinity,
  validateUtf8: true,
  allowReservedBits: false,
  echoClose: true,
  pieces: false,
  receiveBuffer: { initial: 1024, growBy: 0, max: Infinity },
  givenChunks: false,
  nextMaskingKey: randomMaskingKey,
  deflate: undefined,
} as const satisfies Partial<ProtocolOptions>;

/** Options with every default filled in. */
export type ResolvedProtocolOptions = Required<ProtocolOptions> & {
  readonly nextMaskingKey: () => number;
  /**
   * The largest message that may be held whole. It holds for those that need no memory as well: what
   * is refused must not depend on how TCP cuts.
   */
  readonly maxWholeSize: number;
  /** What follows from them for every header. */
  readonly headerRules: HeaderRules;
};

const known = new WeakSet<ProtocolOptions>();

/** Fills in the defaults; options that come from here serve any number of connections as they are. */
export function resolveProtocolOptions(options: ProtocolOptions): ResolvedProtocolOptions {
  if (isResolved(options)) return options;
  const { nextMaskingKey = defaults.nextMaskingKey } = options;
  const all = { ...defaults, ...options, nextMaskingKey };
  const { role, deflate, allowReservedBits: allowReserved, maxFrameSize } = all;
  const allowRsv1 = deflate !== undefined;
  const headerRules = { masked: role === 'server', allowRsv1, allowReserved, maxFrameSize };
  const maxWholeSize = Math.min(all.maxMessageSize, all.receiveBuffer.max);
  const resolved = Object.freeze({ ...all, maxWholeSize, headerRules });
  known.add(resolved);
  return resolved;
}

function isResolved(options: ProtocolOptions): options is ResolvedProtocolOptions {
  return known.has(options);
}
