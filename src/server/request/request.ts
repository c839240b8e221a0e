import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

import type { RequestSnapshot } from '../../connection/setup.ts';
import type { Header } from '../../handshake/decision.ts';
import { HeaderList, hasMalformedLine, trimmedHeaders } from '../../handshake/header-list.ts';
import type { RequestHead, RequestStart } from '../../handshake/http-head.ts';
import { requestedHost } from '../../handshake/origin.ts';
import { parseTarget, type Target } from '../../handshake/request.ts';
import { tls } from '../../transport/node-tls.ts';
import { peerCertificateOf } from '../http/peer-certificate.ts';
import { Snapshot } from './snapshot.ts';
import { clientAddress, type ProxyTrust } from './trust-proxy.ts';

/** An opening request as `authorize` sees it. */
export interface UpgradeRequest<Params = Record<string, string>> extends Omit<
  RequestSnapshot,
  'params'
> {
  readonly params: Params;
  /** Aborted when the client goes away, the handshake takes too long or the server closes. */
  readonly signal: AbortSignal;
}

/** A request whose head was read, by Node's parser or by ours. */
export interface ReceivedRequest {
  readonly start: RequestStart;
  readonly headers: HeaderList;
  /** Who sent it. */
  readonly socket: Socket;
  /** Whether one of the lines is none that a head may have: ours reads no such head. */
  readonly malformed: boolean;
  /** Whether somebody put in lines that are no text, as no parser does. */
  readonly forged?: boolean;
}

/** A request that Node's parser read. */
export function receivedRequest(message: IncomingMessage): ReceivedRequest {
  const head = requestHeadOf(message);
  const lines = trimmedHeaders(head.headers);
  return {
    start: head,
    headers: new HeaderList(lines),
    socket: message.socket,
    malformed: hasMalformedLine(lines),
    forged: lines.length * 2 < message.rawHeaders.length,
  };
}

/** The head of a request as the pure handshake takes it, with those of its lines that are text. */
export function requestHeadOf(request: IncomingMessage): RequestHead {
  const { method = '', url = '', httpVersion, rawHeaders } = request;
  const headers: Header[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name: unknown = rawHeaders[index];
    const value: unknown = rawHeaders[index + 1];
    if (typeof name === 'string' && typeof value === 'string') headers.push([name, value]);
  }
  return { method, target: url, httpVersion, headers };
}

/** The path of a request's target as it was written, without the query; '' when there is none. */
export function pathOf(target = ''): string {
  return readTarget(target)?.path ?? '';
}

/** The target read last: it is asked for twice, and the next client's is often the same. */
let lastTarget = '';
let lastRead: Target | undefined;

function readTarget(target: string): Target | undefined {
  if (target !== lastTarget) {
    lastRead = parseTarget(target);
    lastTarget = target;
  }
  return lastRead;
}

/** What made a URL last: mostly that of the next request as well. */
let lastScheme = '';
let lastHost = '';
let lastBase: string | undefined;

// Whatever the path and the query, a URL is made of them if one is made of scheme and host. Those
// that ask for the same share the text.
function baseOf(scheme: string, host: string): string | undefined {
  if (host !== lastHost || scheme !== lastScheme) {
    const base = `${scheme}://${host}`;
    lastBase = URL.canParse(base) ? base : undefined;
    lastScheme = scheme;
    lastHost = host;
  }
  return lastBase;
}

/** The facts of a request, for as long as the connection lives; undefined when no URL has its host. */
export function snapshotOf(
  { start, headers, socket }: ReceivedRequest,
  params: Readonly<Record<string, string>>,
  trust: ProxyTrust,
): RequestSnapshot | undefined {
  Object.freeze(headers);
  const { path = '/', query = '', authority } = readTarget(start.target) ?? {};
  const trusted = trust(socket.remoteAddress, 0);
  const scheme = isSecure(socket, headers, trusted) ? 'wss' : 'ws';
  const host = authority ?? requestedHost(headers, trusted);
  const base = baseOf(scheme, host);
  if (base === undefined) return undefined;
  return new Snapshot({
    method: start.method,
    path,
    query,
    base,
    params,
    headers,
    remoteAddress: clientAddress(socket, headers, trust),
    peerCertificate: peerCertificateOf(socket),
  });
}

/** The facts together with the signal, which is not kept. */
export function requestForAuthorize(facts: RequestSnapshot, signal: AbortSignal): UpgradeRequest {
  return Object.freeze({
    ...facts,
    get url() {
      return facts.url;
    },
    get query() {
      return facts.query;
    },
    get cookies() {
      return facts.cookies;
    },
    signal,
  });
}

function isSecure(socket: Socket, headers: HeaderList, trusted: boolean): boolean {
  const forwarded = trusted ? headers.get('x-forwarded-proto') : undefined;
  if (forwarded === undefined) return socket instanceof tls.TLSSocket;
  return /^(?:https|wss)$/i.test(forwarded.split(',')[0]?.trim() ?? '');
}
