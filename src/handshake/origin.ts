import { refuse, type Refused } from './decision.ts';
import { type Header, type HeaderList, headerListOf } from './header-list.ts';
import type { RequestHead } from './http-head.ts';

/** Which origins may open a connection; a function of the application's may decide (RFC 6455 §10.2). */
export type Origins<Request = RequestHead> =
  | 'same'
  | 'any'
  | readonly (string | RegExp)[]
  | ((origin: string, request: Request) => boolean);

/** A host in lower case and its port, undefined when none is given. */
export interface Authority {
  readonly host: string;
  readonly port: number | undefined;
}

/** Reads `host`, `host:port` or `[v6]:port`; user-info and all else is refused (RFC 3986 §3.2). */
export function parseAuthority(text: string): Authority | undefined {
  const parts = /^(\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::(\d{0,5}))?$/.exec(text);
  const [, host, digits = ''] = parts ?? [];
  const port = digits === '' ? undefined : Number(digits);
  if (host === undefined || (port ?? 0) > 65_535) return undefined;
  return { host: host.toLowerCase(), port };
}

/** Whether `parseAuthority` reads a text, which costs less than to read it. */
export function isAuthority(text: string): boolean {
  // Most are a name or an IPv4 address, with no port or one below 60 000.
  return /^[\w.-]+(?::(?:\d{0,4}|[1-5]\d{4}))?$/.test(text) || parseAuthority(text) !== undefined;
}

interface ParsedOrigin extends Authority {
  readonly scheme: string;
}

function parseOrigin(text: string): ParsedOrigin | undefined {
  const [, scheme = '', rest = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/]*)$/.exec(text) ?? [];
  // Without a match the rest is empty, and nothing is no authority.
  const authority = parseAuthority(rest);
  if (authority === undefined) return undefined;
  return { scheme: scheme.toLowerCase(), ...authority };
}

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['ws', 80],
  ['https', 443],
  ['wss', 443],
]);

interface WithHeaders {
  readonly headers: Iterable<Header>;
}

/** The refusal of a request that may not come from where its Origin header says, if it may not. */
export function judgeOrigin<Request extends WithHeaders>(
  request: Request,
  origins: Origins<Request>,
  trustProxy: boolean,
): Refused | undefined {
  if (isAllowedOrigin(request, origins, trustProxy)) return undefined;
  return refuse('ORIGIN', { body: describeOriginRefusal(request, trustProxy) });
}

/** Whether a request may come from where its Origin header says; without one it may. */
export function isAllowedOrigin<Request extends WithHeaders>(
  request: Request,
  origins: Origins<Request>,
  trustProxy: boolean,
): boolean {
  if (origins === 'any') return true;
  const headers = headerListOf(request.headers);
  const origin = headers.get('Origin');
  if (origin === undefined) return true;
  if (typeof origins === 'function') {
    // A promise is no answer: it would let everybody in.
    const allowed: unknown = origins(origin, request);
    return allowed === true;
  }
  if (origins === 'same') return isSameHost(origin, requestedHost(headers, trustProxy));
  // A sandboxed page of any site sends `null`: it names nobody.
  return origin !== 'null' && origins.some((allowed) => matches(origin, allowed));
}

/** The host a client asked for: X-Forwarded-Host's first when a proxy is trusted, else Host. */
export function requestedHost(headers: HeaderList, trustProxy: boolean): string {
  const forwarded = trustProxy ? headers.get('x-forwarded-host') : undefined;
  return (forwarded?.split(',')[0] ?? headers.get('Host') ?? '').trim();
}

function isSameHost(origin: string, host: string): boolean {
  const page = parseOrigin(origin);
  const asked = parseAuthority(host);
  if (page === undefined || asked === undefined || page.host !== asked.host) return false;
  const defaultPort = defaultPorts.get(page.scheme);
  if (defaultPort === undefined) return false;
  return (page.port ?? defaultPort) === (asked.port ?? defaultPort);
}

function matches(origin: string, allowed: string | RegExp): boolean {
  // search() takes no notice of the state that a pattern with the flag g keeps.
  if (typeof allowed !== 'string') return origin.search(allowed) !== -1;
  return normalize(origin) === normalize(allowed);
}

function normalize(origin: string): string {
  const parsed = parseOrigin(origin);
  if (parsed === undefined) return origin;
  const { scheme, host, port } = parsed;
  return `${scheme}://${host}:${port ?? defaultPorts.get(scheme)}`;
}

/** Why an origin was refused, in printable ASCII: the body of the 403 and the line in a log. */
export function describeOriginRefusal(request: WithHeaders, trustProxy: boolean): string {
  const headers = headerListOf(request.headers);
  const origin = printable(headers.get('Origin') ?? '');
  const host = printable(requestedHost(headers, trustProxy));
  return `origin ${origin} is not allowed for host ${host}: see the option origins\n`;
}

function printable(text: string): string {
  return text.slice(0, 300).replace(/[^\x20-\x7e]/g, '?');
}
