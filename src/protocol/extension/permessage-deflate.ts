/** What permessage-deflate was negotiated to (RFC 7692 §7.1), seen from this side. */
export interface DeflateParameters {
  /** The window of this side's deflater, 8–15 bits. */
  readonly windowBits: number;
  /** The window of the peer's deflater, 8–15 bits. */
  readonly peerWindowBits: number;
  /** Whether this side's deflater keeps its window between messages. */
  readonly contextTakeover: boolean;
  /** Whether the peer's deflater may keep its window between messages. */
  readonly peerContextTakeover: boolean;
}
