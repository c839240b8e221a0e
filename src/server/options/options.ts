import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { TlsOptions } from 'node:tls';

import {
  callable,
  duration,
  flag,
  integer,
  nested,
  opaque,
  type Rule,
  type Rules,
  text,
  wrongType,
} from '../../connection/options/option-rules.ts';
import {
  type ConnectionOptions,
  connectionRules,
  type ResolvedConnectionOptions,
  serverDefaults,
} from '../../connection/options/options.ts';
import { headLimits, type HeadLimits } from '../../handshake/http-head.ts';
import type { Origins } from '../../handshake/origin.ts';
import { checkSubprotocols } from '../../handshake/request.ts';
import type { UpgradeRequest } from '../request/request.ts';
import type { TrustedProxies } from '../request/trust-proxy.ts';

/** Decides who may connect; what it returns is the context unless it refuses. */
export type Authorize = (request: UpgradeRequest) => unknown;

/** Options of an endpoint; times in milliseconds, sizes in bytes. */
export interface EndpointOptions extends ConnectionOptions {
  /** Which pages may connect (RFC 6455 §10.2). Default: 'same', those of the host asked for. */
  readonly origins?: Origins<UpgradeRequest>;
  /**
   * The proxies in front whose X-Forwarded-Host, -Proto and -For count: a list of addresses and
   * subnets, or how many there are in a row; true is 1, whoever is connected. Default: false.
   */
  readonly trustProxy?: TrustedProxies;
  /** The subprotocols spoken here; the first of the client's list counts. Default: none. */
  readonly subprotocols?: readonly string[];
  /** Whether a client that offers none of them is refused. Default: false. */
  readonly requireSubprotocol?: boolean;
  /** From the TCP connection to the answer: TLS, head and `authorize`. Default: 10 000. */
  readonly handshakeTimeout?: number;
  /** How large a request's head may be. Default: 16 KiB, 8 KiB a line, 100 lines, 8 KiB of target. */
  readonly headLimits?: Partial<HeadLimits>;
}

/** What holds for every endpoint of a server that does not say otherwise. */
export interface EndpointDefaults extends EndpointOptions {
  authorize?(request: UpgradeRequest): unknown;
}

/** Options of an endpoint, checked and complete. */
export interface ResolvedEndpointOptions extends ResolvedConnectionOptions {
  readonly origins: Origins<UpgradeRequest>;
  readonly trustProxy: TrustedProxies;
  readonly subprotocols: readonly string[];
  readonly requireSubprotocol: boolean;
  readonly handshakeTimeout: number;
  readonly headLimits: HeadLimits;
  readonly authorize: Authorize | undefined;
}

/** What an endpoint gets where neither it nor its server says otherwise. */
export const endpointDefaults: ResolvedEndpointOptions = Object.freeze({
  ...serverDefaults,
  origins: 'same',
  trustProxy: false,
  subprotocols: Object.freeze([]),
  requireSubprotocol: false,
  handshakeTimeout: 10_000,
  headLimits,
  authorize: undefined,
});

/** The rules of an endpoint's options; nested objects are completed from the defaults given. */
export function endpointRules(defaults: ResolvedEndpointOptions): Rules<ResolvedEndpointOptions> {
  return {
    ...connectionRules(defaults),
    origins,
    trustProxy,
    subprotocols,
    requireSubprotocol: flag,
    handshakeTimeout: duration,
    headLimits: nested<HeadLimits>(headLimitRules, defaults.headLimits),
    authorize: callable<Authorize>(),
  };
}

const headLimitRules: Rules<HeadLimits> = {
  headSize: integer(1),
  lineSize: integer(1),
  lines: integer(1),
  targetSize: integer(1),
};

const origins: Rule<Origins<UpgradeRequest>> = (value, name) => {
  if (value === 'same' || value === 'any') return value;
  if (typeof value === 'function') return value as Origins<UpgradeRequest>;
  if (Array.isArray(value)) return Object.freeze(value.map((one) => originPattern(one, name)));
  throw wrongType(name, "'same', 'any', a function or an array of origins", value);
};

function originPattern(value: unknown, name: string): string | RegExp {
  if (value instanceof RegExp) return value;
  if (typeof value !== 'string') throw wrongType(`${name}[]`, 'a string or a RegExp', value);
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#]+$/i.test(value)) return value;
  throw new RangeError(
    `${name}[] must be an origin such as https://example.com, but is ${JSON.stringify(value)}`,
  );
}

const hops = integer(0, 100);

const trustProxy: Rule<TrustedProxies> = (value, name) => {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return hops(value, name);
  if (!Array.isArray(value)) {
    throw wrongType(name, 'true, false, a number of proxies or an array of addresses', value);
  }
  for (const entry of value) {
    if (!isSubnet(entry)) throw wrongType(`${name}[]`, 'an IP address or a subnet', entry);
  }
  return Object.freeze([...value]);
};

function isSubnet(entry: unknown): boolean {
  if (typeof entry !== 'string') return false;
  const [, address = '', bits = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128);
}

const subprotocols: Rule<readonly string[]> = (value, name) => {
  if (!Array.isArray(value)) throw wrongType(name, 'an array of strings', value);
  checkSubprotocols(value, name);
  return Object.freeze([...value]);
};

/** Serves plain HTTP on the same port. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Where a server listens: on a port, or on a unix socket. */
export interface ListenOptions {
  /** The TCP port; 0 picks a free one. */
  readonly port?: number;
  /** The address to listen on. Default: all. */
  readonly host?: string;
  /** The path of a unix socket, instead of a port. */
  readonly path?: string;
  /** node:tls options; with them the server speaks TLS. */
  readonly tls?: TlsOptions;
  /**
   * How many processes serve, up to 64. With more than one each runs the program's main file; in
   * the one that was started `connections` is empty and `stats()` adds up. Limits hold for each.
   * Default: 1, this process.
   */
  readonly workers?: number;
  /** Default: 426 for a GET on the path of an endpoint, 404 for all else. */
  readonly request?: RequestListener;
}

/** Where a server listens, checked. */
export interface ResolvedListenOptions {
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly path: string | undefined;
  readonly tls: TlsOptions | undefined;
  readonly request: RequestListener | undefined;
  readonly workers: number;
}

/** Nothing is said. */
export const listenDefaults: ResolvedListenOptions = Object.freeze({
  port: undefined,
  host: undefined,
  path: undefined,
  tls: undefined,
  request: undefined,
  workers: 1,
});

/** The rules of where a server listens. */
export const listenRules: Rules<ResolvedListenOptions> = {
  port: integer(0, 65_535),
  host: text,
  path: text,
  tls: opaque<TlsOptions>('an object of node:tls options, such as { key, cert }'),
  request: callable<RequestListener>(),
  workers: integer(1, 64),
};

/** Throws unless there is exactly one place to listen on. */
export function checkListenOptions({ port, host, path }: ResolvedListenOptions): void {
  if (port === undefined && path === undefined) {
    throw new TypeError('port or path must be given: port 0 picks a free one');
  }
  if (path !== undefined && (port !== undefined || host !== undefined)) {
    throw new TypeError('path must be given without port and host');
  }
}
