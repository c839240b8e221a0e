import { isIP } from 'node:net';

import { wrongType } from '../connection/options/option-rules.ts';

/** Where a client connects to and what it asks for there. */
export interface Address {
  readonly secure: boolean;
  /** Without brackets around an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** Of a unix socket; host and port are then only names. */
  readonly socketPath: string | undefined;
  /** The value of the Host header (RFC 7230 §5.4). */
  readonly authority: string;
  /** Path and query (RFC 6455 §3). */
  readonly target: string;
  /** Credentials of the URL as a Basic Authorization (RFC 7617). */
  readonly authorization: string | undefined;
  /** The URL without credentials. */
  readonly url: URL;
}

const schemes: ReadonlyMap<string, { readonly secure: boolean; readonly unix: boolean }> = new Map([
  ['ws:', { secure: false, unix: false }],
  ['http:', { secure: false, unix: false }],
  ['wss:', { secure: true, unix: false }],
  ['https:', { secure: true, unix: false }],
  ['ws+unix:', { secure: false, unix: true }],
  ['wss+unix:', { secure: true, unix: true }],
]);

/**
 * Reads a URL: ws, wss, http, https, or `ws+unix:/path/to/socket:/target`; all else is a TypeError.
 * A socket path given beside the URL leaves the URL's host as a name.
 */
export function parseAddress(given: string | URL, socketPath: string | undefined): Address {
  const url = readUrl(given);
  const scheme = schemes.get(url.protocol);
  if (scheme === undefined) {
    const allowed = [...schemes.keys()].join(', ');
    throw new TypeError(
      `the URL must begin with one of ${allowed}, but begins with ${url.protocol}`,
    );
  }
  if (url.href.includes('#')) throw new TypeError('the URL must have no fragment');
  const authorization = readCredentials(url);
  url.username = url.password = '';
  const { secure, unix } = scheme;
  if (!unix) return { secure, socketPath, authorization, url, ...readHost(url, secure) };
  if (socketPath !== undefined) throw new TypeError('the URL names a socket, so does socketPath');
  return { secure, authorization, url, ...readSocket(url), ...localhost(secure) };
}

function readUrl(given: string | URL): URL {
  // The URL parser would drop line breaks, and who wrote them meant something else.
  // oxlint-disable-next-line no-control-regex
  if (typeof given === 'string' && /[\0-\x1f\x7f]/.test(given)) {
    throw new TypeError('the URL must have no control characters');
  }
  if (typeof given !== 'string' && !(given instanceof URL)) {
    throw wrongType('the URL', 'a string or a URL', given);
  }
  // Not shown, since it may hold a password.
  if (!URL.canParse(String(given))) {
    throw new TypeError('the URL must be absolute and valid, such as wss://example.com/chat');
  }
  return new URL(given);
}

type HostParts = Pick<Address, 'host' | 'port' | 'authority'>;

function readHost(url: URL, secure: boolean): HostParts & Pick<Address, 'target'> {
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? defaultPort(secure) : Number(url.port),
    authority: url.host,
    target: url.pathname + url.search,
  };
}

function localhost(secure: boolean): HostParts {
  return { host: 'localhost', port: defaultPort(secure), authority: 'localhost' };
}

function defaultPort(secure: boolean): number {
  return secure ? 443 : 80;
}

function readSocket(url: URL): Pick<Address, 'socketPath' | 'target'> {
  const [path = '', ...target] = url.pathname.split(':');
  if (path === '' || path === '/')
    throw new TypeError('the URL must name a socket before the colon');
  return { socketPath: unescape(path), target: (target.join(':') || '/') + url.search };
}

function readCredentials({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const credentials = Buffer.from(`${unescape(username)}:${unescape(password)}`);
  return `Basic ${credentials.toString('base64')}`;
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new TypeError('the URL has a percent sign that escapes nothing', { cause });
  }
}

/** The name to ask a TLS server for; an IP address is none (RFC 6066 §3). */
export function serverName(host: string): string | undefined {
  return isIP(host) === 0 ? host : undefined;
}
