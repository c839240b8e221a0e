// The pure core, usable without a socket: public, and under semantic versioning.
export { acceptGuid, acceptKey } from '../handshake/accept-key.ts';
export type { Accepted, Decision, Header, Refused } from '../handshake/decision.ts';
export { HandshakeError, refusals, type Refusal } from '../handshake/errors.ts';
export { HeaderList } from '../handshake/header-list.ts';
export type { RequestHead, ResponseHead } from '../handshake/http-head.ts';
export {
  judgeRequest,
  type OpeningRequest,
  requestHead,
  type RequestParts,
  type RequestRules,
} from '../handshake/request.ts';
export { type Expected, formatResponse, judgeResponse } from '../handshake/response.ts';
export {
  currentVersion,
  parseVersion,
  parseVersions,
  supportedVersions,
} from '../handshake/version.ts';
export type { MessageHeader } from './receiving/message-sink.ts';
export { CloseCode, closeCodeName, isValidCloseCode } from './closing/close-code.ts';
export type { ClosingState } from './closing/closing.ts';
export {
  ProtocolError,
  violations,
  WebSocketError,
  type Violation,
  type WebSocketErrorCode,
} from './errors.ts';
export { FrameDecoder, type FrameSink } from './frame/decoder.ts';
export { encodeFrame, type FrameOptions } from './frame/encoder.ts';
export { FrameHeader, type HeaderRules } from './frame/header.ts';
export { applyMask } from './frame/mask.ts';
export type { ProtocolHandler, ProtocolPiece } from './handler.ts';
export { isControlOpcode, isReservedOpcode, Opcode } from './opcode.ts';
export type { ProtocolOptions } from './options.ts';
export { Protocol } from './protocol.ts';
export type { Role } from './role.ts';
export type { FragmentSender, SendOptions } from './sending/sender.ts';
