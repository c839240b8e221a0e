import { Fifo } from '../frame/fifo.ts';
import type { Codecs } from './codecs.ts';
import {
  type DeflateParameters,
  type DeflateSettings,
  type DeflateSink,
  PermessageDeflate,
} from './permessage-deflate.ts';

/** What decides how a message is compressed; without context takeover nothing else does. */
export type DeflateKind = Pick<DeflateParameters, 'windowBits'> &
  Pick<DeflateSettings, 'level' | 'memoryLevel'>;

interface Job {
  readonly bytes: Uint8Array;
  readonly onDone: (payload: Uint8Array) => void;
}

interface Line {
  readonly jobs: Fifo<Job>;
  readonly deflate: PermessageDeflate;
}

/** A number that two kinds have in common only when they compress alike. */
export function numberOfKind({ windowBits, level, memoryLevel }: DeflateKind): number {
  return (windowBits * 10 + level) * 10 + memoryLevel;
}

/**
 * Compresses whole messages that many connections without context takeover send (RFC 7692 §7.1.1),
 * in the order asked for and one at a time for each kind, as each connection does with its own.
 */
export class SharedDeflate {
  readonly #codecs: Codecs | undefined;
  readonly #lines = new Map<number, Line>();

  constructor(codecs?: Codecs) {
    this.#codecs = codecs;
  }

  /** Compresses bytes, which must not change until `onDone`; it is not called during this call. */
  deflate(kind: DeflateKind, bytes: Uint8Array, onDone: Job['onDone']): void {
    const line = this.#lines.get(numberOfKind(kind)) ?? this.#open(kind);
    line.jobs.push({ bytes, onDone });
    if (line.jobs.length === 1) line.deflate.deflate(bytes, true);
  }

  #open(kind: DeflateKind): Line {
    const { windowBits } = kind;
    // It inflates nothing.
    const sink = {
      onDeflated: (payload) => this.#onDeflated(kind, line, payload),
    } as DeflateSink;
    const deflate = new PermessageDeflate(
      { windowBits, peerWindowBits: 15, contextTakeover: false, peerContextTakeover: false },
      { ...kind, threshold: 0 },
      sink,
      this.#codecs,
    );
    const line = { jobs: new Fifo<Job>(), deflate };
    this.#lines.set(numberOfKind(kind), line);
    return line;
  }

  #onDeflated(kind: DeflateKind, { jobs, deflate }: Line, payload: Uint8Array): void {
    const done = jobs.shift();
    const next = jobs.head;
    if (next === undefined) this.#lines.delete(numberOfKind(kind));
    else deflate.deflate(next.bytes, true);
    done?.onDone(payload);
  }
}
