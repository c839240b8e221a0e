import type { PeerCertificate } from 'node:tls';

import type { DeflateParameters } from '../protocol/extension/permessage-deflate.ts';
import type { Role } from '../protocol/role.ts';
import type { Transport } from '../transport/transport.ts';
import type { CloseInfo } from './closing/close-info.ts';
import type { Connection } from './connection.ts';
import type { Handler } from './handler.ts';
import type { ResolvedConnectionOptions } from './options/options.ts';
import type { Tally } from './reporting/tally.ts';

/** The opening request as an application sees it: names of headers are compared without case. */
export interface RequestHeaders {
  get(name: string): string | undefined;
  has(name: string): boolean;
  entries(): IterableIterator<[name: string, value: string]>;
}

/** A frozen snapshot of the opening request. */
export interface RequestSnapshot {
  readonly method: string;
  readonly url: URL;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: RequestHeaders;
  readonly cookies: Readonly<Record<string, string>>;
  readonly origin?: string;
  readonly remoteAddress: string | undefined;
  /** The client's certificate, when it showed one and the certificate was verified. */
  readonly peerCertificate?: PeerCertificate;
}

/** Keeps connections as long as they live; one for many, where a promise each takes 500 bytes. */
export interface ConnectionKeeper {
  /** A connection has ended; called in a microtask, as whoever awaits `closed` goes on. */
  onClosed(connection: Connection<unknown, unknown>, info: CloseInfo): void;
}

/** All that an opening handshake found out; what a connection is made from. */
export interface ConnectionSetup<Context = unknown, Params = Record<string, string>> {
  readonly role: Role;
  readonly transport: Transport;
  /** Undefined for a client that pulls its messages. */
  readonly handler: Handler<Context, Params> | undefined;
  readonly options: ResolvedConnectionOptions;
  readonly request: RequestSnapshot;
  readonly params: Params;
  readonly context: Context;
  readonly subprotocol: string | undefined;
  /** The Sec-WebSocket-Extensions of the answer, '' for none. */
  readonly extensions: string;
  /** What permessage-deflate was negotiated to, if it was. */
  readonly deflate: DeflateParameters | undefined;
  readonly remoteAddress: string | undefined;
  /** Where a server counts what its connections do. */
  readonly tally?: Tally | undefined;
  readonly keeper?: ConnectionKeeper | undefined;
}
