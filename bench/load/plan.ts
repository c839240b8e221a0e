import type { MessageType } from './frames.ts';

interface Common {
  readonly seed: number;
  readonly tls?: boolean | undefined;
}

/** Messages that come back: so many connections, and so many messages under way on each. */
export interface EchoPlan extends Common {
  readonly kind: 'echo';
  readonly connections: number;
  readonly inFlight: number;
  /** Whether the next messages wait until all of the last ones are back. */
  readonly batch?: boolean | undefined;
  readonly type: MessageType;
  /** Bytes of payload before any compression. */
  readonly size: number;
  /** permessage-deflate without context takeover (`fresh`) or with it. */
  readonly deflate?: 'fresh' | 'takeover' | undefined;
}

/** Messages of one publisher that go to all subscribers, in bursts. */
export interface FanOutPlan extends Common {
  readonly kind: 'fan-out';
  readonly subscribers: number;
  readonly burst: number;
  readonly size: number;
}

/** Connections that open and end again, so many at a time. */
export interface HandshakePlan extends Common {
  readonly kind: 'handshakes';
  readonly concurrency: number;
}

/** Messages for a client, as many as it takes. */
export interface StreamPlan extends Common {
  readonly kind: 'stream';
  readonly type: MessageType;
  readonly size: number;
}

/** What the load generator does. */
export type LoadPlan = EchoPlan | FanOutPlan | HandshakePlan | StreamPlan;

/** Where the measured server is, and whether it sends back the bytes as they came. */
export interface ServerTarget {
  readonly port: number;
  readonly raw: boolean;
}

/** What one stretch of load came to. */
export interface LoadFigures {
  readonly messages: number;
  readonly seconds: number;
  /** Milliseconds from sending a message to its return. */
  readonly p50?: number | undefined;
  readonly p99?: number | undefined;
  /** CPU time of the load generator in microseconds. */
  readonly cpu?: number;
}

/** One kind of load. */
export interface Load {
  /** Prepares; for a stream the answer is the port that the client connects to. */
  open(): Promise<number>;
  /** Checks what comes back, byte by byte. */
  verify(): Promise<void>;
  /** Puts load on for so many seconds and waits until all of it is done. */
  run(seconds: number): Promise<LoadFigures>;
  close(): Promise<void>;
}
