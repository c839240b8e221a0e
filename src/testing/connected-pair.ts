import { Connection } from '../connection/connection.ts';
import type { Handler } from '../connection/handler.ts';
import { resolveOptions } from '../connection/options/option-rules.ts';
import {
  clientDefaults,
  type ConnectionOptions,
  connectionRules,
  type ResolvedConnectionOptions,
  serverDefaults,
} from '../connection/options/options.ts';
import type { ConnectionSetup, RequestSnapshot } from '../connection/setup.ts';
import { type Clock, sharedClock } from '../connection/timing/clock.ts';
import type { DeflateParameters } from '../protocol/extension/permessage-deflate.ts';
import type { Role } from '../protocol/role.ts';
import { memoryPair } from '../transport/memory.ts';
import type { Transport } from '../transport/transport.ts';

/** What a pair of connections is made from. */
export interface ConnectedPairOptions<
  Context = unknown,
  Params extends object = Record<string, string>,
> {
  /** Handles the server's end; without one its messages are pulled. */
  readonly server?: Handler<Context, Params>;
  /** Handles the client's end; without one its messages are pulled. */
  readonly client?: Handler<undefined, Params>;
  /** Options of both ends, over the defaults of each role. */
  readonly options?: ConnectionOptions;
  /** `context` of the server's end. */
  readonly context?: Context;
  readonly params?: Params;
  readonly subprotocol?: string;
  /** The time both ends live by. Default: the real one. */
  readonly clock?: Clock;
  /** Bytes on their way to an end that does not read, before the other one is blocked. Default: 64 KiB. */
  readonly highWaterMark?: number;
}

/** Two ends of one connection. */
export interface ConnectedPair<Context = unknown, Params extends object = Record<string, string>> {
  readonly server: Connection<Context, Params>;
  readonly client: Connection<undefined, Params>;
}

/**
 * Two open connections joined in memory: no socket, no handshake, no port.
 *
 * @example
 * const { client } = connectedPair({
 *   server: { message: (connection, message) => connection.send(message) },
 * });
 * client.send('hello');
 * assert.equal(await client.receive(), 'hello');
 */
export function connectedPair<Context = unknown, Params extends object = Record<string, string>>(
  given: ConnectedPairOptions<Context, Params> = {},
): ConnectedPair<Context, Params> {
  const { highWaterMark = 65_536 } = given;
  return connectOver(memoryPair({ highWaterMark }), given);
}

/** Two open connections over transports that are joined already: the server's end comes first. */
export function connectOver<Context = unknown, Params extends object = Record<string, string>>(
  [near, far]: readonly [Transport, Transport],
  given: ConnectedPairOptions<Context, Params> = {},
): ConnectedPair<Context, Params> {
  const { clock = sharedClock } = given;
  const context = given.context as Context;
  const server = new Connection<Context, Params>(
    { ...setup('server', near, given), context, handler: given.server },
    clock,
  );
  const client = new Connection<undefined, Params>(
    { ...setup('client', far, given), context: undefined, handler: given.client },
    clock,
  );
  server.start();
  client.start();
  return { server, client };
}

/** What both ends have in common, seen from one. */
function setup<Params extends object>(
  role: Role,
  transport: Transport,
  {
    options: given,
    params = {} as Params,
    subprotocol,
  }: Pick<ConnectedPairOptions<unknown, Params>, 'options' | 'params' | 'subprotocol'>,
): Omit<ConnectionSetup<never, Params>, 'context' | 'handler'> {
  const defaults = role === 'server' ? serverDefaults : clientDefaults;
  const options = resolveOptions(given, connectionRules(defaults), defaults);
  return {
    role,
    transport,
    options,
    params,
    request: request(params),
    subprotocol,
    extensions: options.compression === false ? '' : 'permessage-deflate',
    deflate: deflateOf(options),
    remoteAddress: undefined,
  };
}

function request(params: object): RequestSnapshot {
  const url = new URL('ws://localhost/');
  return Object.freeze({
    method: 'GET',
    url,
    path: url.pathname,
    params: Object.freeze(Object.fromEntries(Object.entries(params))),
    query: url.searchParams,
    headers: new Map(),
    cookies: Object.freeze({}),
    remoteAddress: undefined,
  });
}

/** Both ends want the same, so each takes the smaller of what it gives and what it asks for. */
function deflateOf({ compression }: ResolvedConnectionOptions): DeflateParameters | undefined {
  if (compression === false) return undefined;
  const windowBits = Math.min(compression.windowBits, compression.peerWindowBits);
  const contextTakeover = compression.contextTakeover && compression.peerContextTakeover;
  return {
    windowBits,
    peerWindowBits: windowBits,
    contextTakeover,
    peerContextTakeover: contextTakeover,
  };
}
