import { Connection } from '../connection/connection.ts';
import type { ConnectionSetup, RequestSnapshot } from '../connection/setup.ts';
import type { Accepted, Header } from '../handshake/decision.ts';
import { HeaderList } from '../handshake/header-list.ts';
import { type OpeningRequest, requestHead } from '../handshake/request.ts';
import { DuplexTransport } from '../transport/duplex.ts';
import { type Address, parseAddress } from './address.ts';
import { Attempt } from './attempt.ts';
import {
  type ConnectOptions,
  resolveConnectOptions,
  type ResolvedConnectOptions,
} from './options.ts';
import type { SharedReads } from './shared-reads.ts';

/**
 * Opens a connection to a ws, wss, http or https URL, or to a unix socket by
 * `ws+unix:/path/to/socket:/target` (RFC 6455 §4.1). A wrong argument is a TypeError or RangeError,
 * thrown at once; a handshake that fails rejects with a HandshakeError, one that takes too long with
 * a TimeoutError, an aborted one with the signal's reason.
 */
export function connect<Context = unknown, Params = Record<string, string>>(
  url: string | URL,
  options: ConnectOptions<Context, Params> = {},
): Promise<Connection<Context, Params>> {
  const resolved = resolveConnectOptions(options);
  const address = parseAddress(url, resolved.socketPath);
  const request = openingRequest(address, resolved);
  return new Promise((resolve, reject) => {
    const attempt = new Attempt(
      { ...resolved, address, request },
      {
        onAccepted(socket, accepted, rest, reads) {
          if (resolved.keepAlive !== false) socket.setKeepAlive(true, resolved.keepAlive);
          const snapshot = takeSnapshot(address, request, socket.remoteAddress);
          const transport = new DuplexTransport(socket);
          giveTo(transport, reads, accepted.deflate !== undefined);
          const connection = new Connection(setUp(transport, accepted, snapshot, resolved));
          connection.start(rest.length === 0 ? undefined : rest);
          resolve(connection);
        },
        onFailed: reject,
      },
    );
    attempt.start();
  });
}

/** Here, where nothing of the opening handshake is in reach: what is set lasts as long as the socket. */
function giveTo(transport: DuplexTransport, reads: SharedReads, inflates: boolean): void {
  // What is inflated off the thread must stay as it is meanwhile.
  reads.onChunk = inflates
    ? (chunk) => transport.onData(new Uint8Array(chunk))
    : (chunk) => transport.onData(chunk, true);
}

function openingRequest(
  address: Address,
  options: ResolvedConnectOptions<unknown, unknown>,
): OpeningRequest {
  const { origin, headers, compression, subprotocols, requireSubprotocol } = options;
  const { authorization, authority, target } = address;
  const further: Header[] = [...headers];
  if (authorization !== undefined) {
    if (new HeaderList(headers).has('authorization')) {
      throw new TypeError('the URL has credentials, so has the header Authorization');
    }
    further.push(['Authorization', authorization]);
  }
  return {
    ...requestHead({
      target,
      host: authority,
      subprotocols,
      compression,
      headers: further,
      ...(origin === undefined ? {} : { origin }),
    }),
    requireSubprotocol,
  };
}

function takeSnapshot(
  { url, target }: Address,
  request: OpeningRequest,
  remoteAddress: string | undefined,
): RequestSnapshot {
  const headers = new HeaderList(request.headers);
  const origin = headers.get('origin');
  const [path = '', ...query] = target.split('?');
  return Object.freeze({
    method: 'GET',
    url,
    path,
    params: Object.freeze({}),
    query: new URLSearchParams(query.join('?')),
    headers: Object.freeze(headers),
    cookies: Object.freeze({}),
    ...(origin === undefined ? {} : { origin }),
    remoteAddress,
  });
}

function setUp<Context, Params>(
  transport: DuplexTransport,
  accepted: Accepted,
  request: RequestSnapshot,
  options: ResolvedConnectOptions<Context, Params>,
): ConnectionSetup<Context, Params> {
  const { subprotocol, extensions, deflate } = accepted;
  return {
    role: 'client',
    transport,
    handler: options.handler,
    options,
    request,
    // A client has neither a route nor an authorize: a handler that serves both ends finds them empty.
    params: request.params as Params,
    context: undefined as Context,
    subprotocol,
    extensions,
    deflate,
    remoteAddress: request.remoteAddress,
  };
}
