import type { DeflateParameters } from '../protocol/extension/permessage-deflate.ts';
import { refusals, type Refusal } from './errors.ts';
import type { Header } from './header-list.ts';

export type { Header } from './header-list.ts';

/** The opening handshake succeeds. */
export interface Accepted {
  readonly accepted: true;
  /** All headers of the 101 (RFC 6455 §4.2.2). */
  readonly headers: readonly Header[];
  readonly subprotocol: string | undefined;
  /** The Sec-WebSocket-Extensions of the 101, '' for none. */
  readonly extensions: string;
  readonly deflate: DeflateParameters | undefined;
}

/** The opening handshake fails: on a server what to answer, on a client what was answered. */
export interface Refused {
  readonly accepted: false;
  readonly status: number;
  readonly refusal: Refusal;
  /** On a server those that the refusal itself needs; length and type are added when it is written. */
  readonly headers: readonly Header[];
  readonly body: string;
}

/** What became of an opening handshake. */
export type Decision = Accepted | Refused;

/** What may differ from the row of the table. */
export interface RefusalDetails {
  readonly status?: number;
  readonly headers?: readonly Header[];
  readonly body?: string;
}

const ownHeaders: Partial<Record<Refusal, readonly Header[]>> = {
  METHOD_NOT_GET: [['Allow', 'GET']],
  UPGRADE_REQUIRED: [
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
  ],
  VERSION_MISSING: [
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
  ],
  VERSION_UNSUPPORTED: [
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
  ],
  APPLICATION_TIMEOUT: [['Retry-After', '5']],
  UNAVAILABLE: [['Retry-After', '5']],
};

/** A refusal by its row: status, the headers the status calls for, and the rule as text. */
export function refuse(refusal: Refusal, details: RefusalDetails = {}): Refused {
  const [status, section, rule] = refusals[refusal];
  return {
    accepted: false,
    status: details.status ?? status,
    refusal,
    headers: [...(ownHeaders[refusal] ?? []), ...(details.headers ?? [])],
    body: details.body ?? `${rule} (${section})\n`,
  };
}
