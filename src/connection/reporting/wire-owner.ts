import type { ProtocolPiece } from '../../protocol/handler.ts';
import type { MessageHeader } from '../../protocol/receiving/message-sink.ts';
import type { CloseInfo } from '../closing/close-info.ts';
import type { Message } from '../handler.ts';
import type { ErrorOwner } from '../sending/masking-key.ts';
import type { LimitName } from './tally.ts';

/** What a wire tells its connection. */
export interface WireOwner extends ErrorOwner {
  /** Bytes that wait to be sent and were not handed to the wire yet. */
  readonly unsent: number;
  onMessage(data: Message, header: MessageHeader): void;
  onPiece(bytes: Uint8Array, piece: ProtocolPiece): void;
  onPing(bytes: Uint8Array): void;
  onPong(bytes: Uint8Array, roundTripMs: number | undefined): void;
  /** Bytes that had waited have left. */
  onProgress(): void;
  /** A limit was hit. */
  onLimit(limit: LimitName): void;
  /** Bytes were written while `watched` was set. */
  onWrite(): void;
  /** Nothing more can be sent: a Close passed, this side failed the connection, or it was lost. */
  onClosing(): void;
  /** The connection is over as far as the peer is concerned. */
  onEnding(): void;
  /** The transport is gone and all that came before was received. */
  onEnd(info: CloseInfo): void;
}
