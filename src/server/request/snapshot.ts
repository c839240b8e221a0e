import type { PeerCertificate } from 'node:tls';

import type { RequestSnapshot } from '../../connection/setup.ts';
import type { HeaderList } from '../../handshake/header-list.ts';

/** The parts of a request from which the others follow. */
export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  /** As it was written, without the question mark. */
  readonly query: string;
  /** Scheme and host, for example `wss://chat.example`. */
  readonly base: string;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: HeaderList;
  readonly remoteAddress: string | undefined;
  readonly peerCertificate: PeerCertificate | undefined;
}

/**
 * The facts of a request for as long as its connection lives. What few applications ask for is made
 * when it is asked for: a URL, its parameters and the cookies took more than 1 KiB of every connection.
 */
export class Snapshot implements RequestSnapshot {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: HeaderList;
  declare readonly origin?: string;
  readonly remoteAddress: string | undefined;
  declare readonly peerCertificate?: PeerCertificate;
  readonly #base: string;
  readonly #queryText: string;
  #url: URL | undefined;
  #query: URLSearchParams | undefined;
  #cookies: Readonly<Record<string, string>> | undefined;

  constructor(facts: RequestFacts) {
    const { method, path, query, base, params, headers } = facts;
    this.method = method;
    this.path = path;
    this.params = params;
    this.headers = headers;
    this.remoteAddress = facts.remoteAddress;
    const origin = headers.get('origin');
    if (origin !== undefined) this.origin = origin;
    const { peerCertificate } = facts;
    if (peerCertificate !== undefined) this.peerCertificate = peerCertificate;
    this.#base = base;
    this.#queryText = query;
    Object.freeze(this);
  }

  get url(): URL {
    const query = this.#queryText === '' ? '' : `?${this.#queryText}`;
    return (this.#url ??= new URL(`${this.#base}${this.path}${query}`));
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#queryText));
  }

  get cookies(): Readonly<Record<string, string>> {
    return (this.#cookies ??= parseCookies(this.headers));
  }
}

/** The first value of each cookie, decoded where it is percent-encoded (RFC 6265 §5.4). */
function parseCookies(headers: HeaderList): Readonly<Record<string, string>> {
  const cookies: Record<string, string> = Object.create(null);
  for (const pair of headers.get('cookie')?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals === -1) continue;
    const name = pair.slice(0, equals).trim();
    if (name === '' || name in cookies) continue;
    cookies[name] = decodeCookie(pair.slice(equals + 1).trim());
  }
  return Object.freeze(cookies);
}

function decodeCookie(text: string): string {
  const value = /^".*"$/.test(text) ? text.slice(1, -1) : text;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
