import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

import type { RequestSnapshot } from '../../connection/setup.ts';
import type { Header } from '../../handshake/decision.ts';
import { HeaderList } from '../../handshake/header-list.ts';
import type { RequestHead } from '../../handshake/http-head.ts';
import { requestedHost } from '../../handshake/origin.ts';
import { parseTarget } from '../../handshake/request.ts';
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

/** The head of a request as the pure handshake takes it. */
export function requestHeadOf(request: IncomingMessage): RequestHead {
  const { method = '', url = '', httpVersion, rawHeaders } = request;
  const headers: Header[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  }
  return { method, target: url, httpVersion, headers };
}

/** The path of a request as it was written, without the query; '' when there is none. */
export function pathOf(request: IncomingMessage): string {
  return parseTarget(request.url ?? '')?.path ?? '';
}

/** The facts of a request, for as long as the connection lives; undefined when no URL has its host. */
export function snapshotOf(
  request: IncomingMessage,
  head: RequestHead,
  params: Readonly<Record<string, string>>,
  trust: ProxyTrust,
): RequestSnapshot | undefined {
  const headers = new HeaderList(head.headers);
  Object.freeze(headers);
  const { path = '/', query = '', authority } = parseTarget(head.target) ?? {};
  const trusted = trust(request.socket.remoteAddress, 0);
  const scheme = isSecure(request, headers, trusted) ? 'wss' : 'ws';
  const host = authority ?? requestedHost(headers, trusted);
  const base = `${scheme}://${host}`;
  if (!URL.canParse(`${base}${path}?${query}`)) return undefined;
  return new Snapshot({
    method: head.method,
    path,
    query,
    base,
    params,
    headers,
    remoteAddress: clientAddress(request, headers, trust),
    peerCertificate: peerCertificateOf(request.socket),
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

function isSecure(request: IncomingMessage, headers: HeaderList, trusted: boolean): boolean {
  const forwarded = trusted ? headers.get('x-forwarded-proto') : undefined;
  if (forwarded === undefined) return request.socket instanceof TLSSocket;
  return /^(?:https|wss)$/i.test(forwarded.split(',')[0]?.trim() ?? '');
}
