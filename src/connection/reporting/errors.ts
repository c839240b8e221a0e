import { WebSocketError } from '../../protocol/errors.ts';
import type { CloseInfo } from '../closing/close-info.ts';

/** Something did not happen in time; nothing is lost by it. */
export class TimeoutError extends WebSocketError {
  override readonly name = 'TimeoutError';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('ERR_TIMEOUT', message, options);
  }
}

/** The connection ended before what was asked for could happen; `info` says why. */
export class ConnectionClosedError extends WebSocketError {
  override readonly name = 'ConnectionClosedError';
  readonly info: CloseInfo;

  constructor(info: CloseInfo) {
    const reason = info.reason === '' ? '' : ` (${info.reason})`;
    super('ERR_NOT_OPEN', `the connection closed with ${info.code}${reason}`, {
      cause: info.error,
    });
    this.info = info;
  }
}
