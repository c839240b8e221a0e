import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { Connection } from '../connection/connection.ts';
import type { Tally } from '../connection/reporting/tally.ts';
import type { ConnectionKeeper, ConnectionSetup } from '../connection/setup.ts';
import { sharedClock } from '../connection/timing/clock.ts';
import { formatResponse } from '../handshake/response.ts';
import { DuplexTransport } from '../transport/duplex.ts';
import { ignoreError, type RefusedUpgrade, sendRefusal } from './http/refusal.ts';
import { type Endpoint, type ResolvedEndpoint, resolveEndpoint } from './options/endpoint.ts';
import { type AcceptedUpgrade, judge, type UpgradeDecision } from './request/judge.ts';
import { PendingHandshake } from './request/pending.ts';
import { receivedRequest } from './request/request.ts';

/** Endpoints given to the functions below are checked once, however often they are used. */
const resolvedEndpoints = new WeakMap<object, ResolvedEndpoint>();

function resolveOnce(endpoint: object): ResolvedEndpoint {
  const known = resolvedEndpoints.get(endpoint);
  if (known !== undefined) return known;
  const resolved = resolveEndpoint(endpoint);
  resolvedEndpoints.set(endpoint, resolved);
  return resolved;
}

function judgeFor(request: IncomingMessage, socket: Duplex, endpoint: ResolvedEndpoint) {
  const received = receivedRequest(request);
  const { handshakeTimeout } = endpoint.options;
  const pending = new PendingHandshake(socket, handshakeTimeout, sharedClock);
  return judge(received, endpoint, Object.freeze({}), pending);
}

/**
 * Decides about an upgrade request and asks `authorize`; the socket is not written to. There is no
 * pattern of a path, so that params are empty.
 */
export function judgeUpgrade<Context>(
  request: IncomingMessage,
  endpoint: Endpoint<Context>,
): Promise<UpgradeDecision<Context>> {
  const decision: Promise<unknown> = judgeFor(request, request.socket, resolveOnce(endpoint));
  return decision as Promise<UpgradeDecision<Context>>;
}

/**
 * Answers 101 and makes the connection; `head` is what came behind the request (RFC 6455 §4.2.2). A
 * decision serves once, and so does a socket: the second time is a TypeError.
 */
export function acceptUpgrade<Context, Params>(
  decision: AcceptedUpgrade<Context, Params>,
  socket: Duplex,
  head?: Uint8Array,
): Connection<Context, Params> {
  if (!decision.accepted) throw new TypeError('the decision must be one to accept');
  if (carriedOut.has(decision)) throw new TypeError('the decision is carried out already');
  carriedOut.add(decision);
  return openConnection(decision, socket, head, nobody);
}

/** Decisions that became connections. */
const carriedOut = new WeakSet<object>();

/** Stands at a socket that has its answer: a weak set of short-lived ones is a burden of its own. */
const answered = Symbol('answered');

type Answerable = Duplex & { [answered]?: true };

// A second head would reach the client as frames, or behind the end of what it was told.
function claim(socket: Answerable): void {
  if (socket[answered]) throw alreadyAnswered();
  socket[answered] = true;
}

function alreadyAnswered(): TypeError {
  return new TypeError('the request of this socket is answered already');
}

/** Keeps account of what becomes of handshakes, and of the connections they became. */
export interface Keeper extends ConnectionKeeper {
  readonly tally: Tally | undefined;
  /** A connection is about to open. */
  hold(connection: Connection<unknown, unknown>): void;
  /** Sends a refusal. */
  refuse(decision: RefusedUpgrade, socket: Duplex): void;
}

const nobody: Keeper = { tally: undefined, hold() {}, onClosed() {}, refuse: sendRefusal };

function openConnection<Context, Params>(
  decision: AcceptedUpgrade<Context, Params>,
  socket: Duplex,
  head: Uint8Array | undefined,
  keeper: Keeper,
): Connection<Context, Params> {
  claim(socket);
  const transport = new DuplexTransport(socket);
  socket.off('error', ignoreError);
  if (socket instanceof Socket) leaveHttp(socket, decision.options.keepAlive);
  if (socket.writable) socket.write(formatResponse(decision));
  const connection = new Connection(setupOf(decision, transport, keeper));
  // Before `open` is called, so that a handler finds its connection among the server's.
  keeper.hold(connection);
  connection.start(head);
  return connection;
}

// One by one: spreading is slow, and this is done for every connection.
function setupOf<Context, Params>(
  decision: AcceptedUpgrade<Context, Params>,
  transport: DuplexTransport,
  keeper: Keeper,
): ConnectionSetup<Context, Params> {
  return {
    role: 'server',
    transport,
    handler: decision.handler,
    options: decision.options,
    request: decision.request,
    params: decision.params,
    context: decision.context,
    subprotocol: decision.subprotocol,
    extensions: decision.extensions,
    deflate: decision.deflate,
    remoteAddress: decision.request.remoteAddress,
    tally: keeper.tally,
    keeper,
  };
}

// The idle timeouts of an HTTP server mean nothing to a connection that has left it.
function leaveHttp(socket: Socket, keepAlive: number | false): void {
  socket.setTimeout(0);
  socket.setNoDelay(true);
  if (keepAlive !== false) socket.setKeepAlive(true, keepAlive);
}

/** Answers with the status of the refusal and hangs up; a TypeError for a socket that has its answer. */
export function refuseUpgrade(decision: RefusedUpgrade, socket: Duplex): void {
  claim(socket);
  sendRefusal(decision, socket);
}

/**
 * Judges and answers; undefined when the request was refused or the client went away. A TypeError
 * for a socket that has its answer.
 */
export function handleUpgrade<Context>(
  request: IncomingMessage,
  socket: Answerable,
  head: Uint8Array,
  endpoint: Endpoint<Context>,
): Promise<Connection<Context> | undefined> {
  const resolved = resolveOnce(endpoint);
  if (socket[answered]) throw alreadyAnswered();
  const judged = judgeFor(request, socket, resolved);
  return judged.then((decision) => {
    const connection: unknown = conclude(decision, socket, head);
    return connection as Connection<Context> | undefined;
  });
}

/** Does what was decided and shows the connection before it opens; undefined when there is none. */
export function conclude(
  decision: UpgradeDecision,
  socket: Answerable,
  head: Uint8Array,
  keeper: Keeper = nobody,
): Connection<unknown, unknown> | undefined {
  // Somebody else took care of the request meanwhile.
  if (socket[answered]) return undefined;
  if (decision.accepted) {
    if (!socket.destroyed) return openConnection(decision, socket, head, keeper);
  } else {
    claim(socket);
    keeper.refuse(decision, socket);
  }
  return undefined;
}
