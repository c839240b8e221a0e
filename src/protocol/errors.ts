import { CloseCode } from './closing/close-code.ts';

/** Codes of all errors this library makes; stable under semantic versioning, unlike messages. */
export type WebSocketErrorCode =
  | 'ERR_NO_HANDSHAKE'
  | 'ERR_NO_VERSION'
  | 'ERR_UNSUPPORTED_VERSION'
  | 'ERR_NO_KEY'
  | 'ERR_WRONG_ACCEPT'
  | 'ERR_UNAUTHORIZED'
  | 'ERR_PAYLOAD_TOO_BIG'
  | 'ERR_INCOMPLETE_FRAME'
  | 'ERR_INVALID_RSV'
  | 'ERR_INVALID_OPCODE'
  | 'ERR_UNMASKED_FRAME'
  | 'ERR_PROTOCOL_VIOLATION'
  | 'ERR_TIMEOUT'
  | 'ERR_NOT_OPEN'
  | 'ERR_SUBPROTOCOL'
  | 'ERR_MESSAGE_UNFINISHED';

/** The base of every error this library makes, wrong arguments aside. */
export class WebSocketError extends Error {
  override readonly name: string = 'WebSocketError';
  readonly code: WebSocketErrorCode;

  constructor(code: WebSocketErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Every way a peer can break the protocol: the code we close with, the rule it broke, our error code. */
export const violations = {
  RESERVED_BITS: [
    CloseCode.ProtocolError,
    'RFC 6455 §5.2',
    'reserved bits are set but no extension defines them',
    'ERR_INVALID_RSV',
  ],
  RESERVED_OPCODE: [
    CloseCode.ProtocolError,
    'RFC 6455 §5.2',
    'the opcode is reserved',
    'ERR_INVALID_OPCODE',
  ],
  LENGTH_NOT_MINIMAL: [
    CloseCode.ProtocolError,
    'RFC 6455 §5.2',
    'the payload length is not encoded minimally',
    'ERR_PROTOCOL_VIOLATION',
  ],
  LENGTH_TOP_BIT: [
    CloseCode.ProtocolError,
    'RFC 6455 §5.2',
    'the top bit of a 64-bit payload length is set',
    'ERR_PROTOCOL_VIOLATION',
  ],
  MASK_REQUIRED: [
    CloseCode.ProtocolError,
    'RFC 6455 §5.1',
    'a client must mask every frame',
    'ERR_UNMASKED_FRAME',
  ],
  MASK_FORBIDDEN: [
    CloseCode.ProtocolError,
    'RFC 6455 §5.1',
    'a server must not mask any frame',
    'ERR_PROTOCOL_VIOLATION',
  ],
  CONTROL_FRAGMENTED: [
    CloseCode.ProtocolError,
    'RFC 6455 §5.5',
    'a control frame must not be fragmented',
    'ERR_PROTOCOL_VIOLATION',
  ],
  CONTROL_TOO_LONG: [
    CloseCode.ProtocolError,
    'RFC 6455 §5.5',
    'a control frame carries at most 125 bytes',
    'ERR_PROTOCOL_VIOLATION',
  ],
  CONTINUATION_UNEXPECTED: [
    CloseCode.ProtocolError,
    'RFC 6455 §5.4',
    'there is no message to continue',
    'ERR_PROTOCOL_VIOLATION',
  ],
  CONTINUATION_EXPECTED: [
    CloseCode.ProtocolError,
    'RFC 6455 §5.4',
    'the previous message is not finished',
    'ERR_PROTOCOL_VIOLATION',
  ],
  CLOSE_PAYLOAD: [
    CloseCode.ProtocolError,
    'RFC 6455 §5.5.1',
    'a Close payload of one byte has no status code',
    'ERR_PROTOCOL_VIOLATION',
  ],
  CLOSE_CODE: [
    CloseCode.ProtocolError,
    'RFC 6455 §7.4',
    'the close code must not be sent',
    'ERR_PROTOCOL_VIOLATION',
  ],
  INVALID_UTF8: [
    CloseCode.InvalidPayload,
    'RFC 6455 §8.1',
    'the text is not valid UTF-8',
    'ERR_PROTOCOL_VIOLATION',
  ],
  INVALID_DEFLATE: [
    CloseCode.InvalidPayload,
    'RFC 7692 §7.2.2',
    'the compressed payload is not valid DEFLATE data',
    'ERR_PROTOCOL_VIOLATION',
  ],
  FRAME_TOO_BIG: [
    CloseCode.MessageTooBig,
    'RFC 6455 §10.4',
    'the frame is larger than the limit',
    'ERR_PAYLOAD_TOO_BIG',
  ],
  MESSAGE_TOO_BIG: [
    CloseCode.MessageTooBig,
    'RFC 6455 §10.4',
    'the message is larger than the limit',
    'ERR_PAYLOAD_TOO_BIG',
  ],
  RATIO_TOO_HIGH: [
    CloseCode.MessageTooBig,
    'RFC 7692 §8',
    'the message inflates to more than its length allows',
    'ERR_PAYLOAD_TOO_BIG',
  ],
  TOO_MANY_BLOCKS: [
    CloseCode.PolicyViolation,
    'RFC 7692 §8',
    'the message has more final blocks than its length allows',
    'ERR_PROTOCOL_VIOLATION',
  ],
  TOO_MANY_FRAGMENTS: [
    CloseCode.PolicyViolation,
    'RFC 6455 §10.4',
    'the message has more fragments than the limit',
    'ERR_PROTOCOL_VIOLATION',
  ],
  INCOMPLETE_FRAME: [
    CloseCode.Abnormal,
    'RFC 6455 §7.1.5',
    'the transport ended inside a frame',
    'ERR_INCOMPLETE_FRAME',
  ],
} as const satisfies Record<string, readonly [CloseCode, string, string, WebSocketErrorCode]>;

/** The name of a rule in the table of violations. */
export type Violation = keyof typeof violations;

/** The peer broke the protocol; the connection is failed with `closeCode` (RFC 6455 §7.1.7). */
export class ProtocolError extends WebSocketError {
  override readonly name = 'ProtocolError';
  readonly violation: Violation;
  readonly closeCode: CloseCode;

  constructor(violation: Violation, options?: { readonly cause?: unknown }) {
    const [closeCode, section, rule, code] = violations[violation];
    super(code, `${rule} (${section})`, options);
    this.violation = violation;
    this.closeCode = closeCode;
  }
}
