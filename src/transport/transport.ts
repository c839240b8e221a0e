import type { GrowingRange } from './growing-range.ts';

/** Takes what a transport receives. Calls come in order; after `onClosed` there are none. */
export interface TransportSink {
  /**
   * Bytes came, which the receiver may change in place. They belong to it, unless they are borrowed:
   * then the memory, more than twice as large as they are, is used again when this returns.
   */
  receive(chunk: Uint8Array, borrowed?: boolean): void;
  /** The peer ended its direction (FIN); writing may still work. */
  receiveEnd(): void;
  /** The operating system takes no more for now: `blocked` has become true. */
  onBlocked(): void;
  /** Bytes that had waited went to the operating system: `bufferedAmount` is less than it was. */
  onDrain(): void;
  /** Both directions are over; with an error when the transport broke (RST, TLS alert). */
  onClosed(error: Error | undefined): void;
}

/** An ordered, reliable stream of bytes to one peer. */
export interface Transport {
  /** Bytes accepted by `write` and not yet handed to the operating system. */
  readonly bufferedAmount: number;
  /** Whether the operating system takes no more for now; `onDrain` will tell. */
  readonly blocked: boolean;
  /** Whether nobody else sees the chunks, so that their memory may be freed early. */
  readonly givesChunks?: boolean;
  /** Begins to read; called once. */
  start(sink: TransportSink): void;
  /**
   * Queues bytes, which must not change afterwards. All that is written during one `receive` call
   * leaves in one write when it returns, all else once per tick.
   */
  write(bytes: Uint8Array): void;
  /**
   * As `write` for so many bytes that are filled in at once, before anything else is called: their
   * offset in `space`; -1 when there is no room and `write` is to be used. To make room for long
   * ones, what waits may leave at once.
   */
  reserve?(length: number): number;
  readonly space?: Uint8Array | undefined;
  /**
   * Queues, as it grows, a range whose bytes were written last; until something else is written, or
   * some of it leaves. False where it does not.
   */
  follow?(range: GrowingRange): boolean;
  pause(): void;
  resume(): void;
  /** Sends what is buffered, then ends this direction (FIN). */
  end(): void;
  /** Drops the transport and what is buffered. */
  destroy(): void;
}
