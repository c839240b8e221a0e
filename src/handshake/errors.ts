import { WebSocketError, type WebSocketErrorCode } from '../protocol/errors.ts';
import { HeaderList } from './header-list.ts';

type Row = readonly [status: number, section: string, rule: string, code: WebSocketErrorCode];

/**
 * Every way an opening handshake is turned down: the HTTP status a server answers (0 where a client
 * refuses what a server answered), the rule that was broken, our error code.
 */
export const refusals = {
  MALFORMED_REQUEST: [400, 'RFC 7230 §3', 'the request is not valid HTTP', 'ERR_NO_HANDSHAKE'],
  TARGET_INVALID: [400, 'RFC 7230 §5.3', 'the request target is not valid', 'ERR_NO_HANDSHAKE'],
  TARGET_TOO_LONG: [414, 'RFC 7231 §6.5.12', 'the request target is too long', 'ERR_NO_HANDSHAKE'],
  HEAD_TOO_LARGE: [431, 'RFC 6585 §5', 'the head is larger than the limit', 'ERR_NO_HANDSHAKE'],
  METHOD_NOT_GET: [405, 'RFC 6455 §4.1', 'the method must be GET', 'ERR_NO_HANDSHAKE'],
  HTTP_VERSION: [400, 'RFC 6455 §4.1', 'the HTTP version must be 1.1', 'ERR_NO_HANDSHAKE'],
  HOST_MISSING: [400, 'RFC 6455 §4.2.1', 'the Host header is missing', 'ERR_NO_HANDSHAKE'],
  HOST_INVALID: [
    400,
    'RFC 7230 §5.4',
    'the Host header is not valid or repeated',
    'ERR_NO_HANDSHAKE',
  ],
  REQUEST_BODY: [400, 'RFC 6455 §4.1', 'an opening request carries no body', 'ERR_NO_HANDSHAKE'],
  EXPECTATION: [
    400,
    'RFC 6455 §4.1',
    'an opening request expects no 100 answer',
    'ERR_NO_HANDSHAKE',
  ],
  UPGRADE_REQUIRED: [426, 'RFC 6455 §4.2.1', 'this is not a WebSocket request', 'ERR_NO_HANDSHAKE'],
  UPGRADE_INVALID: [
    400,
    'RFC 6455 §4.2.1',
    'the Upgrade header must be websocket alone',
    'ERR_NO_HANDSHAKE',
  ],
  CONNECTION_INVALID: [
    400,
    'RFC 6455 §4.2.1',
    'the Connection header must list Upgrade',
    'ERR_NO_HANDSHAKE',
  ],
  VERSION_MISSING: [
    426,
    'RFC 6455 §4.4',
    'the Sec-WebSocket-Version header is missing',
    'ERR_NO_VERSION',
  ],
  VERSION_UNSUPPORTED: [
    426,
    'RFC 6455 §4.4',
    'the Sec-WebSocket-Version must be 13',
    'ERR_UNSUPPORTED_VERSION',
  ],
  KEY_MISSING: [400, 'RFC 6455 §4.2.1', 'the Sec-WebSocket-Key header is missing', 'ERR_NO_KEY'],
  KEY_INVALID: [
    400,
    'RFC 6455 §4.2.1',
    'the Sec-WebSocket-Key must be 16 bytes as base64, once',
    'ERR_NO_KEY',
  ],
  SUBPROTOCOLS_INVALID: [
    400,
    'RFC 6455 §11.3.4',
    'the Sec-WebSocket-Protocol header is not valid',
    'ERR_SUBPROTOCOL',
  ],
  SUBPROTOCOL_REQUIRED: [
    400,
    'RFC 6455 §4.2.2',
    'no offered subprotocol is spoken here',
    'ERR_SUBPROTOCOL',
  ],
  EXTENSIONS_INVALID: [
    400,
    'RFC 6455 §9.1',
    'the Sec-WebSocket-Extensions header is not valid',
    'ERR_NO_HANDSHAKE',
  ],
  ORIGIN: [403, 'RFC 6455 §10.2', 'the origin is not allowed', 'ERR_UNAUTHORIZED'],
  UNAUTHORIZED: [403, 'RFC 6455 §4.2.2', 'the application refused the request', 'ERR_UNAUTHORIZED'],
  NOT_FOUND: [404, 'RFC 6455 §4.2.2', 'no endpoint has this path', 'ERR_NO_HANDSHAKE'],
  TIMEOUT: [408, 'RFC 7231 §6.5.7', 'the handshake took too long', 'ERR_TIMEOUT'],
  APPLICATION_FAILED: [500, 'RFC 7231 §6.6.1', 'the application failed', 'ERR_UNAUTHORIZED'],
  APPLICATION_TIMEOUT: [503, 'RFC 7231 §6.6.4', 'the application took too long', 'ERR_TIMEOUT'],
  UNAVAILABLE: [503, 'RFC 7231 §6.6.4', 'the server takes no connections now', 'ERR_NO_HANDSHAKE'],

  UNREACHABLE: [0, 'RFC 6455 §4.1', 'no connection to the server', 'ERR_NO_HANDSHAKE'],
  ANSWER_INCOMPLETE: [
    0,
    'RFC 6455 §4.1',
    'the server hung up before it had answered',
    'ERR_NO_HANDSHAKE',
  ],
  ANSWER_MALFORMED: [0, 'RFC 7230 §3', 'the answer is not valid HTTP', 'ERR_NO_HANDSHAKE'],
  ANSWER_TOO_LARGE: [
    0,
    'RFC 6455 §4.1',
    'the head of the answer is larger than the limit',
    'ERR_NO_HANDSHAKE',
  ],
  ANSWER_HTTP_VERSION: [0, 'RFC 6455 §4.2.2', 'the answer must be in HTTP/1.1', 'ERR_NO_HANDSHAKE'],
  STATUS_NOT_101: [0, 'RFC 6455 §4.1', 'the server did not switch protocols', 'ERR_NO_HANDSHAKE'],
  STATUS_UNAUTHORIZED: [0, 'RFC 6455 §4.1', 'the server refuses this client', 'ERR_UNAUTHORIZED'],
  STATUS_VERSION: [
    0,
    'RFC 6455 §4.4',
    'the server does not speak version 13',
    'ERR_UNSUPPORTED_VERSION',
  ],
  ANSWER_UPGRADE_MISSING: [
    0,
    'RFC 6455 §4.1',
    'the answer has no Upgrade header',
    'ERR_NO_HANDSHAKE',
  ],
  ANSWER_UPGRADE_INVALID: [
    0,
    'RFC 6455 §4.1',
    "the answer's Upgrade header is not websocket",
    'ERR_NO_HANDSHAKE',
  ],
  ANSWER_CONNECTION_INVALID: [
    0,
    'RFC 6455 §4.1',
    "the answer's Connection header does not list Upgrade",
    'ERR_NO_HANDSHAKE',
  ],
  ACCEPT_MISSING: [
    0,
    'RFC 6455 §4.1',
    'the answer has no Sec-WebSocket-Accept header',
    'ERR_WRONG_ACCEPT',
  ],
  ACCEPT_WRONG: [
    0,
    'RFC 6455 §4.1',
    'the Sec-WebSocket-Accept does not belong to the key sent',
    'ERR_WRONG_ACCEPT',
  ],
  SUBPROTOCOL_MISSING: [
    0,
    'WHATWG WebSockets §2',
    'the server chose none of the offered subprotocols',
    'ERR_SUBPROTOCOL',
  ],
  SUBPROTOCOL_UNOFFERED: [
    0,
    'RFC 6455 §4.1',
    'the server chose a subprotocol that was not offered',
    'ERR_SUBPROTOCOL',
  ],
  EXTENSION_UNOFFERED: [
    0,
    'RFC 6455 §4.1',
    'the server chose an extension that was not offered',
    'ERR_NO_HANDSHAKE',
  ],
  EXTENSION_INVALID: [
    0,
    'RFC 7692 §5.1',
    'the server accepted an extension on other terms',
    'ERR_NO_HANDSHAKE',
  ],
} as const satisfies Record<string, Row>;

/** The name of a row in the table of refusals. */
export type Refusal = keyof typeof refusals;

/** What is known of a refused handshake beside the rule; all of it is the server's answer. */
export interface HandshakeErrorDetails {
  readonly statusCode?: number;
  readonly headers?: Iterable<readonly [name: string, value: string]>;
  readonly body?: string;
  readonly cause?: unknown;
  /** Words that follow the rule in the message. */
  readonly detail?: string;
}

/** An opening handshake was turned down, by either side (RFC 6455 §4). */
export class HandshakeError extends WebSocketError {
  override readonly name = 'HandshakeError';
  readonly refusal: Refusal;
  /** Of the HTTP answer; undefined when there was none. */
  readonly statusCode: number | undefined;
  /** Of the answer a client got. */
  readonly headers: HeaderList;
  /** Of the answer a client got, at most its first 64 KiB. */
  readonly body: string;

  constructor(refusal: Refusal, details: HandshakeErrorDetails = {}) {
    const [status, section, rule, code] = refusals[refusal];
    const detail = details.detail === undefined ? '' : `: ${details.detail}`;
    super(
      code,
      `${rule}${detail} (${section})`,
      'cause' in details ? { cause: details.cause } : {},
    );
    this.refusal = refusal;
    this.statusCode = details.statusCode ?? (status === 0 ? undefined : status);
    this.headers = new HeaderList(details.headers);
    this.body = details.body ?? '';
  }
}
