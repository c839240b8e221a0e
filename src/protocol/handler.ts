import type { ProtocolError } from './errors.ts';
import type { MessageHeader } from './receiving/message-sink.ts';

/** What the protocol tells its owner: messages for the user, bytes for the peer. */
export interface ProtocolHandler {
  /** A text message; `header` tells the bits its first frame carried. */
  onText(text: string, header: MessageHeader): void;
  /** A binary message. The range belongs to the transport's buffer: copy it to keep it. */
  onBinary(bytes: Uint8Array, start: number, end: number, header: MessageHeader): void;
  /** A Ping; its Pong has been written. */
  onPing(bytes: Uint8Array, start: number, end: number): void;
  onPong(bytes: Uint8Array, start: number, end: number): void;
  /** A piece of a message, with the option `pieces`; text is valid so far. */
  onPiece?(bytes: Uint8Array, start: number, end: number, piece: ProtocolPiece): void;
  /** The peer's Close came; code 1005 when it was empty. */
  onClose?(code: number, reason: string): void;
  /** Our Close was written; code 1005 when it was empty. */
  onCloseSent?(code: number, reason: string): void;
  /** The closing handshake is done, or the connection failed: end the transport. */
  onEnd(code: number, reason: string): void;
  /** The peer broke a rule; the connection has been failed (RFC 6455 §7.1.7). */
  onViolation(error: ProtocolError): void;
  /** All that was received is decoded again, after the protocol had been suspended or inflated. */
  onReady?(): void;
  /** Bytes of a message were inflated: `heldAmount` may be more, although nothing was taken. */
  onInflated?(): void;
  /** A message too large to be held whole waits for `decide`. */
  onOversized?(): void;
  /**
   * Room for a frame of so many bytes, which is as good as written once it is filled in: its offset
   * in `space`. For -1, and without `reserve`, a frame is passed to `write`. One of more than 512 KiB
   * comes in parts, of which what finds no room is passed to `write`.
   */
  reserve?(length: number): number;
  readonly space?: Uint8Array | undefined;
  /** Bytes for the peer, in order; they do not change afterwards. */
  write(bytes: Uint8Array): void;
  /** Whether the transport takes no more for now: then at most one Pong waits. */
  readonly blocked?: boolean;
}

/** Where a piece of a message lies: `remaining` payload bytes of the current frame are to come. */
export interface ProtocolPiece {
  readonly type: 'text' | 'binary';
  readonly first: boolean;
  readonly last: boolean;
  readonly remaining: number;
}
