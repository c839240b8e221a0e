/// <reference types="node" preserve="true" />
export { connect, type ConnectOptions } from './client/index.ts';
export type { CloseInfo } from './connection/closing/close-info.ts';
export { Connection } from './connection/connection.ts';
export { ConnectionClosedError, TimeoutError } from './connection/reporting/errors.ts';
export type { FrameBits, Handler, Message, Piece } from './connection/handler.ts';
export type {
  BackpressureOptions,
  CompressionOptions,
  ConnectionOptions,
  HeartbeatOptions,
  ReceiveBufferOptions,
} from './connection/options/options.ts';
export type {
  ControlFrameOptions,
  LimitOptions,
  MemoryBudgetOptions,
  RateLimitOptions,
} from './connection/options/limit-options.ts';
export { broadcast, type BroadcastOptions } from './connection/sending/broadcast.ts';
export type { BroadcastResult } from './connection/sending/round.ts';
export type { Payload } from './connection/sending/payload.ts';
export type { PulledPiece, ReceiveOptions } from './connection/receiving/pull.ts';
export type { Pieces } from './connection/sending/send-fragments.ts';
export type { SendOptions } from './connection/sending/send-options.ts';
export type { RequestHeaders, RequestSnapshot } from './connection/setup.ts';
export { HandshakeError, type Refusal } from './handshake/errors.ts';
export { CloseCode, closeCodeName, isValidCloseCode } from './protocol/closing/close-code.ts';
export type { ClosingState } from './protocol/closing/closing.ts';
export {
  ProtocolError,
  type Violation,
  WebSocketError,
  type WebSocketErrorCode,
} from './protocol/errors.ts';
export type { Role } from './protocol/role.ts';
export * from './server/index.ts';
