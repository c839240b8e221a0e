/** Why a connection closed. */
export interface CloseInfo {
  /** Of the Close received, else of the Close with which this side failed it, else 1006. */
  readonly code: number;
  readonly reason: string;
  /** Both Closes passed and this side did not fail the connection (RFC 6455 §7.1.4). */
  readonly wasClean: boolean;
  /** Who ended it: our close, terminate or failing; the peer's Close; the transport or the heartbeat. */
  readonly initiator: 'local' | 'peer' | 'network';
  readonly sentCode?: number;
  readonly receivedCode?: number;
  /** Whether a closing handshake was under way when the end came. */
  readonly phase: 'open' | 'closing';
  /** What broke: a ProtocolError, the transport's error, or what a handler threw. */
  readonly error?: unknown;
  /** The last round trip measured by any Ping, in milliseconds. */
  readonly lastRoundTripMs?: number;
  /** Bytes that `send` accepted and that were not handed to the operating system. */
  readonly bufferedAmount: number;
  /** Whether another attempt may succeed: 1001, 1006, 1011–1014, unless by our own `close()`. */
  readonly retryable: boolean;
}
