import { randomBase64 } from '#platform';

import type { DeflateParameters } from '../protocol/extension/permessage-deflate.ts';
import { isKey } from './accept-key.ts';
import { type Decision, type Header, refuse } from './decision.ts';
import type { Refusal } from './errors.ts';
import {
  checkHeaders,
  type Extent,
  formatHead,
  hasMalformedLine,
  HeaderList,
  listsUpgrade,
  trimmedHeaders,
} from './header-list.ts';
import { isToken } from './header-values.ts';
import {
  headLimits,
  type HeadLimits,
  knowsUpgrade,
  type RequestHead,
  type RequestStart,
} from './http-head.ts';
import { offerDeflate, selectSubprotocol } from './negotiate.ts';
import { isAuthority, judgeOrigin, type Origins, parseAuthority } from './origin.ts';
import { accept, type Expected, offeredExtensions, offeredSubprotocols } from './response.ts';

/** What a server asks of an opening request; all of it may be left out. */
export interface RequestRules {
  /** Those the server speaks. Default: none. */
  readonly subprotocols?: readonly string[];
  /** Refuses requests that offer none of them. Default: false. */
  readonly requireSubprotocol?: boolean;
  /** What to negotiate permessage-deflate to. Default: false, no compression. */
  readonly compression?: DeflateParameters | false;
  /** Default: 'same'. */
  readonly origins?: Origins;
  /** Whether X-Forwarded-Host is believed. Default: false. */
  readonly trustProxy?: boolean;
  /** Default: 16 KiB, 8 KiB a line, 100 lines, a target of 8 KiB. */
  readonly limits?: HeadLimits;
}

/** Judges an opening request by all rules that need no application (RFC 6455 §4.2.1, §4.4). */
export function judgeRequest(request: RequestHead, rules: RequestRules = {}): Decision {
  const lines = trimmedHeaders(request.headers);
  const { extent } = new HeaderList(request.headers);
  const malformed = hasMalformedLine(lines);
  const decision = judgeLines(request, new HeaderList(lines), rules, extent, malformed);
  if (!decision.accepted) return decision;
  const { origins = 'same', trustProxy = false } = rules;
  return judgeOrigin(request, origins, trustProxy) ?? decision;
}

/**
 * Judges a request whose lines were cut already and may be `malformed`, as those that a `HeadParser`
 * read are not, by all rules but that of its origin.
 */
export function judgeReadRequest(
  request: RequestStart,
  headers: HeaderList,
  rules: RequestRules,
  malformed = false,
): Decision {
  return judgeLines(request, headers, rules, headers.extent, malformed);
}

function judgeLines(
  request: RequestStart,
  headers: HeaderList,
  rules: RequestRules,
  extent: Extent,
  malformed: boolean,
): Decision {
  const refusal =
    judgeSize(request.target.length, extent, rules.limits ?? headLimits) ??
    (malformed ? 'MALFORMED_REQUEST' : judgeHttp(request, headers)) ??
    judgeUpgrade(headers) ??
    judgeLists(headers, rules);
  if (refusal !== undefined) return refuse(refusal, request.method === 'HEAD' ? { body: '' } : {});
  return accept(headers, rules.subprotocols ?? [], rules.compression ?? false);
}

function judgeSize(target: number, extent: Extent, limits: HeadLimits): Refusal | undefined {
  if (target > limits.targetSize) return 'TARGET_TOO_LONG';
  const { lines, longest, total } = extent;
  if (lines > limits.lines || longest > limits.lineSize) return 'HEAD_TOO_LARGE';
  // 'GET ', ' HTTP/1.1', and the ends of all lines and of the head.
  return target + 17 + total + lines * 2 > limits.headSize ? 'HEAD_TOO_LARGE' : undefined;
}

function judgeHttp(request: RequestStart, headers: HeaderList): Refusal | undefined {
  const { method, httpVersion, target } = request;
  if (!isToken(method)) return 'MALFORMED_REQUEST';
  if (method !== 'GET') return 'METHOD_NOT_GET';
  if (!knowsUpgrade(httpVersion)) return 'HTTP_VERSION';
  if (!plainPath.test(target) && parseTarget(target) === undefined) return 'TARGET_INVALID';
  const host = headers.get('Host');
  if (host === undefined) return 'HOST_MISSING';
  // Several are joined by a comma and a space, which no host has.
  if (!isAuthority(host)) return 'HOST_INVALID';
  // What follows the head would be read as frames here and as a body elsewhere.
  if (headers.has('Transfer-Encoding')) return 'REQUEST_BODY';
  if (headers.all('Content-Length').some((length) => length !== '0')) return 'REQUEST_BODY';
  return headers.has('Expect') ? 'EXPECTATION' : undefined;
}

function judgeUpgrade(headers: HeaderList): Refusal | undefined {
  const upgrade = headers.get('Upgrade');
  if (upgrade === undefined) return 'UPGRADE_REQUIRED';
  if (upgrade.toLowerCase() !== 'websocket') return 'UPGRADE_INVALID';
  if (!listsUpgrade(headers)) return 'CONNECTION_INVALID';
  const version = headers.get('Sec-WebSocket-Version');
  if (version === undefined) return 'VERSION_MISSING';
  if (version !== '13') return 'VERSION_UNSUPPORTED';
  const key = headers.get('Sec-WebSocket-Key');
  if (key === undefined) return 'KEY_MISSING';
  return isKey(key) ? undefined : 'KEY_INVALID';
}

function judgeLists(headers: HeaderList, rules: RequestRules): Refusal | undefined {
  const offered = offeredSubprotocols(headers);
  if (offered === undefined) return 'SUBPROTOCOLS_INVALID';
  const { requireSubprotocol = false, subprotocols = [] } = rules;
  if (requireSubprotocol && selectSubprotocol(offered, subprotocols) === undefined) {
    return 'SUBPROTOCOL_REQUIRED';
  }
  return offeredExtensions(headers) === undefined ? 'EXTENSIONS_INVALID' : undefined;
}

/** The parts of a request target, each as it was written; the query without its question mark. */
export interface Target {
  /** Begins with a slash. */
  readonly path: string;
  readonly query: string;
  /** Of a target in absolute form; it counts instead of Host (RFC 7230 §5.4). */
  readonly authority: string | undefined;
}

/** A path alone, as most targets are. */
const plainPath = /^\/[!-"$->@-~]*$/;

/** Reads a target in origin or absolute form; a fragment has no place in it (RFC 7230 §5.3). */
export function parseTarget(target: string): Target | undefined {
  if (plainPath.test(target)) return { path: target, query: '', authority: undefined };
  const parts = /^(?:https?:\/\/([^/?#]+))?(\/[^?#]*)?(?:\?([^#]*))?$/i.exec(target);
  if (parts === null || !/^[!-~]+$/.test(target)) return undefined;
  const [, authority, path = authority === undefined ? undefined : '/', query = ''] = parts;
  if (path === undefined) return undefined;
  if (authority !== undefined && parseAuthority(authority) === undefined) return undefined;
  return { path, query, authority };
}

/** What a client puts into its opening request. */
export interface RequestParts {
  readonly target: string;
  /** The authority asked for; a header of this name among `headers` takes its place. */
  readonly host: string;
  readonly subprotocols?: readonly string[];
  readonly origin?: string;
  readonly compression?: DeflateParameters | false;
  /** Further headers; those of the handshake itself are a TypeError. */
  readonly headers?: Iterable<Header>;
  /** Default: 16 random bytes as base64. */
  readonly key?: string;
}

/** An opening request as it is sent, and what its answer is held against. */
export interface OpeningRequest extends Expected {
  readonly bytes: Uint8Array;
  readonly headers: readonly Header[];
}

/** Writes a client's opening request (RFC 6455 §4.1). */
export function requestHead(parts: RequestParts): OpeningRequest {
  const { target, host, origin, subprotocols = [], compression = false } = parts;
  if (parseTarget(target) === undefined) throw new TypeError('the target is not valid');
  checkSubprotocols(subprotocols, 'subprotocols');
  const key = parts.key ?? randomBase64(16);
  const extensions = compression === false ? '' : offerDeflate(compression);
  const further = checkHeaders(parts.headers ?? []);
  const headers: Header[] = [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', key],
  ];
  if (!new HeaderList(further).has('host')) headers.unshift(['Host', host]);
  if (subprotocols.length > 0) headers.push(['Sec-WebSocket-Protocol', subprotocols.join(', ')]);
  if (extensions !== '') headers.push(['Sec-WebSocket-Extensions', extensions]);
  if (origin !== undefined) headers.push(['Origin', origin]);
  headers.push(...further);
  return {
    bytes: formatHead(`GET ${target} HTTP/1.1`, headers),
    headers,
    key,
    subprotocols,
    extensions,
  };
}

/** Throws a TypeError with the option's name unless all are different tokens (RFC 6455 §4.1). */
export function checkSubprotocols(subprotocols: readonly string[], option: string): void {
  for (const [index, name] of subprotocols.entries()) {
    const shown = JSON.stringify(name);
    if (typeof name !== 'string' || !isToken(name)) {
      throw new TypeError(`${option} must be tokens, but one is ${shown}`);
    }
    if (subprotocols.indexOf(name) !== index) {
      throw new TypeError(`${option} must differ, but ${shown} is there twice`);
    }
  }
}
