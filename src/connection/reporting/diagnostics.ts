import { channel, type Channel } from 'node:diagnostics_channel';

import type { CloseInfo } from '../closing/close-info.ts';
import type { Connection } from '../connection.ts';
import type { LimitName } from './tally.ts';

/** What the channels carry, by their names. */
export interface DiagnosticMessages {
  /** A connection opened, in either role. */
  readonly 'hawser:connection:open': { readonly connection: Connection<unknown, unknown> };
  /** It ended. */
  readonly 'hawser:connection:close': {
    readonly connection: Connection<unknown, unknown>;
    readonly info: CloseInfo;
  };
  /** Messages were dropped whole because their peer is slow. */
  readonly 'hawser:connection:drop': {
    readonly connection: Connection<unknown, unknown>;
    readonly messages: number;
    readonly bytes: number;
  };
  /** A handler or `authorize` threw or rejected; for `authorize` there is no connection. */
  readonly 'hawser:handler:error': {
    readonly connection: Connection<unknown, unknown> | undefined;
    readonly error: unknown;
  };
  /** A server turned an opening handshake down, or hung up on it; then the status is 0. */
  readonly 'hawser:handshake:refused': {
    readonly status: number;
    /** The row of the table of refusals, such as `ORIGIN`. */
    readonly refusal: string;
    readonly remoteAddress: string | undefined;
  };
  /** A limit or deadline was hit, by a connection or by a client that was to become one. */
  readonly 'hawser:limit': {
    readonly limit: LimitName;
    readonly connection: Connection<unknown, unknown> | undefined;
    readonly remoteAddress: string | undefined;
  };
}

/** The name of a channel. */
export type DiagnosticName = keyof DiagnosticMessages;

/** The channels of `node:diagnostics_channel`; kept, so that looking for listeners costs nothing. */
const channels: Readonly<Record<DiagnosticName, Channel>> = {
  'hawser:connection:open': channel('hawser:connection:open'),
  'hawser:connection:close': channel('hawser:connection:close'),
  'hawser:connection:drop': channel('hawser:connection:drop'),
  'hawser:handler:error': channel('hawser:handler:error'),
  'hawser:handshake:refused': channel('hawser:handshake:refused'),
  'hawser:limit': channel('hawser:limit'),
};

/** Whether anybody listens: a message is only made for somebody. */
export function isWatched(name: DiagnosticName): boolean {
  return channels[name].hasSubscribers;
}

/** Gives a message to whoever listens. */
export function publish<Name extends DiagnosticName>(
  name: Name,
  message: DiagnosticMessages[Name],
): void {
  channels[name].publish(message);
}

/** Makes a message and gives it to whoever listens; makes none when nobody does. */
export function tell<Name extends DiagnosticName>(
  name: Name,
  make: () => DiagnosticMessages[Name],
): void {
  if (isWatched(name)) publish(name, make());
}
