import type { CloseInfo } from './closing/close-info.ts';
import type { Connection } from './connection.ts';

/** A message: text is a string, binary exactly a Uint8Array. */
export type Message = string | Uint8Array;

/** What a handler may return: anything; only a thenable is waited for. */
export type HandlerResult = unknown;

/** The frame bits a message carried, with `allowReservedBits` (RFC 6455 §5.2). */
export interface FrameBits {
  readonly rsv: number;
  readonly opcode: number;
}

/** Where a piece of a message lies: `remaining` payload bytes of the current frame are still to come. */
export interface Piece {
  readonly type: 'text' | 'binary';
  readonly first: boolean;
  readonly last: boolean;
  readonly remaining: number;
}

/** What may happen to a connection. One object serves every connection of an endpoint, either role. */
export interface Handler<Context = unknown, Params = Record<string, string>> {
  /** The connection is open; it finishes before the first `message`. */
  open?(connection: Connection<Context, Params>): HandlerResult;
  /** A message came; while a returned promise is pending, later messages wait. */
  message?(
    connection: Connection<Context, Params>,
    message: Message,
    bits?: FrameBits,
  ): HandlerResult;
  /** A piece of a message came; instead of `message`, for messages too large to hold. */
  fragment?(
    connection: Connection<Context, Params>,
    bytes: Uint8Array,
    piece: Piece,
  ): HandlerResult;
  /** A Ping came and its Pong was sent (RFC 6455 §5.5.2). */
  ping?(connection: Connection<Context, Params>, bytes: Uint8Array): HandlerResult;
  /** A Pong came; the round trip in milliseconds, undefined when no Ping of ours carried these bytes. */
  pong?(
    connection: Connection<Context, Params>,
    bytes: Uint8Array,
    roundTripMs: number | undefined,
  ): HandlerResult;
  /** The buffered bytes fell below the soft mark. */
  drain?(connection: Connection<Context, Params>): HandlerResult;
  /** The connection ended: exactly once, after the queued messages were handled. */
  close?(connection: Connection<Context, Params>, info: CloseInfo): HandlerResult;
  /** A handler threw; the connection is undefined when `authorize` did. Default: a line on stderr. */
  error?(connection: Connection<Context, Params> | undefined, error: unknown): HandlerResult;
}
