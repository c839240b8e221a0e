/** Receives messages and control frames as ranges of someone else's buffer. */
export interface MessageSink {
  /** A whole message; `checked` says that its text is known to be valid UTF-8. */
  onMessage(
    header: MessageHeader,
    bytes: Uint8Array,
    start: number,
    end: number,
    checked: boolean,
  ): void;
  /** A piece of a message, its text known to be valid so far. */
  onPiece(
    header: MessageHeader,
    bytes: Uint8Array,
    start: number,
    end: number,
    first: boolean,
    last: boolean,
  ): void;
  /** Payload that an extension must turn into message bytes (RFC 7692 §6.2). */
  onCompressed(bytes: Uint8Array, start: number, end: number, last: boolean): void;
  onControl(header: MessageHeader, bytes: Uint8Array, start: number, end: number): void;
  /** A message is too much to be held whole, and whether pieces are wanted is undecided. */
  onOversized(): void;
}

/** What the first frame of a message said. */
export interface MessageHeader {
  readonly opcode: number;
  readonly rsv: number;
}
