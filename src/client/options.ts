import type { ConnectionOptions as TlsOptions } from 'node:tls';

import type { Handler } from '../connection/handler.ts';
import { handlerRule } from '../connection/options/handler-rule.ts';
import {
  duration,
  flag,
  opaque,
  resolveOptions,
  type Rule,
  type Rules,
  text,
  wrongType,
} from '../connection/options/option-rules.ts';
import {
  clientDefaults,
  type ConnectionOptions,
  connectionRules,
  type ResolvedConnectionOptions,
} from '../connection/options/options.ts';
import { type Header, headerLines, type HeadersGiven } from '../handshake/header-list.ts';
import { checkSubprotocols } from '../handshake/request.ts';

/** What a client may say beside the URL; times in milliseconds. */
export interface ConnectOptions<
  Context = unknown,
  Params = Record<string, string>,
> extends ConnectionOptions {
  /** Offered in this order (RFC 6455 §4.1). Default: none. */
  readonly subprotocols?: string | readonly string[];
  /** Whether a server that chooses none of them is left. Default: true. */
  readonly requireSubprotocol?: boolean;
  /** Further headers of the opening request; Host may be among them. */
  readonly headers?: HeadersGiven;
  /** The Origin header. Default: none is sent. */
  readonly origin?: string;
  /** Options of node:tls, passed on unchecked. */
  readonly tls?: TlsOptions;
  /** A unix socket to connect to; the URL's host is then only a name. */
  readonly socketPath?: string;
  /** For DNS, TCP and TLS together. Default: 10 000. */
  readonly connectTimeout?: number;
  /** From the request to the answer. Default: 10 000. */
  readonly handshakeTimeout?: number;
  /** Ends the attempt; has no effect once the connection is open. */
  readonly signal?: AbortSignal;
  /** Without one, messages are pulled. */
  readonly handler?: Handler<Context, Params>;
}

/** The options of a client, checked and complete. */
export interface ResolvedConnectOptions<Context, Params> extends ResolvedConnectionOptions {
  readonly subprotocols: readonly string[];
  readonly requireSubprotocol: boolean;
  readonly headers: readonly Header[];
  readonly origin: string | undefined;
  readonly tls: TlsOptions;
  readonly socketPath: string | undefined;
  readonly connectTimeout: number;
  readonly handshakeTimeout: number;
  readonly signal: AbortSignal | undefined;
  readonly handler: Handler<Context, Params> | undefined;
}

const subprotocolList: Rule<readonly string[]> = (value, name) => {
  const list: unknown = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(list)) throw wrongType(name, 'a string or an array of strings', value);
  const subprotocols: readonly string[] = Object.freeze([...list]);
  checkSubprotocols(subprotocols, name);
  return subprotocols;
};

const abortSignal: Rule<AbortSignal> = (value, name) => {
  if (value instanceof AbortSignal) return value;
  throw wrongType(name, 'an AbortSignal', value);
};

const rules: Rules<ResolvedConnectOptions<unknown, Record<string, string>>> = {
  ...connectionRules(clientDefaults),
  subprotocols: subprotocolList,
  requireSubprotocol: flag,
  headers: headerLines,
  origin: text,
  tls: opaque<TlsOptions>('an object of node:tls options, such as { ca }'),
  socketPath: text,
  connectTimeout: duration,
  handshakeTimeout: duration,
  signal: abortSignal,
  handler: handlerRule,
};

const defaults: ResolvedConnectOptions<unknown, Record<string, string>> = Object.freeze({
  ...clientDefaults,
  subprotocols: Object.freeze([]),
  requireSubprotocol: true,
  headers: Object.freeze([]),
  origin: undefined,
  tls: Object.freeze({}),
  socketPath: undefined,
  connectTimeout: 10_000,
  handshakeTimeout: 10_000,
  signal: undefined,
  handler: undefined,
});

/** Checks the options of a client; an unknown or wrong one is a TypeError or RangeError naming it. */
export function resolveConnectOptions<Context, Params>(
  options: ConnectOptions<Context, Params>,
): Readonly<ResolvedConnectOptions<Context, Params>> {
  const resolved: object = resolveOptions(options, rules, defaults);
  return resolved as ResolvedConnectOptions<Context, Params>;
}
