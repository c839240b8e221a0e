import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { Connection } from '../connection/connection.ts';
import type { Handler } from '../connection/handler.ts';
import type { ResolvedConnectionOptions } from '../connection/options/options.ts';
import { reportError } from '../connection/reporting/report-error.ts';
import type { RequestSnapshot } from '../connection/setup.ts';
import { sharedClock } from '../connection/timing/clock.ts';
import { type Accepted, type Decision, refuse, type Refused } from '../handshake/decision.ts';
import type { RequestHead } from '../handshake/http-head.ts';
import { judgeOrigin } from '../handshake/origin.ts';
import { judgeRequest } from '../handshake/request.ts';
import { amendAcceptance, type Choices, formatResponse } from '../handshake/response.ts';
import { DuplexTransport } from '../transport/duplex.ts';
import { ignoreError, type RefusedUpgrade, sendRefusal } from './http/refusal.ts';
import { type Endpoint, type ResolvedEndpoint, resolveEndpoint } from './options/endpoint.ts';
import { endpointRules } from './options/options.ts';
import { Acceptance, askApplication } from './request/authorize.ts';
import { PendingHandshake } from './request/pending.ts';
import {
  requestForAuthorize,
  requestHeadOf,
  snapshotOf,
  type UpgradeRequest,
} from './request/request.ts';

/** An accepted request and all that its connection is made from. */
export interface AcceptedUpgrade<
  Context = unknown,
  Params = Record<string, string>,
> extends Accepted {
  readonly handler: Handler<Context, Params>;
  readonly options: ResolvedConnectionOptions;
  readonly request: RequestSnapshot;
  readonly params: Params;
  readonly context: Context;
}

/** What is to be done with an opening request; nothing of it is done yet. */
export type UpgradeDecision<Context = unknown, Params = Record<string, string>> =
  | AcceptedUpgrade<Context, Params>
  | RefusedUpgrade;

/** Judges a request by the rules, the origin and the application. Never rejects. */
export async function judge(
  request: IncomingMessage,
  endpoint: ResolvedEndpoint,
  params: Readonly<Record<string, string>>,
  pending: PendingHandshake,
): Promise<UpgradeDecision> {
  try {
    const head = requestHeadOf(request);
    const trusted = endpoint.trust(request.socket.remoteAddress, 0);
    const decision = judgeHead(head, endpoint, trusted);
    if (!decision.accepted) return decision;
    const snapshot = snapshotOf(request, head, params, endpoint.trust);
    if (snapshot === undefined) return refuse('HOST_INVALID');
    const facts = requestForAuthorize(snapshot, pending.signal);
    const stranger = judgeSource(head, facts, endpoint, trusted);
    if (stranger !== undefined) return stranger;
    const answer = await Promise.race([askApplication(endpoint, facts), pending.interrupted]);
    if (!(answer instanceof Acceptance)) return answer;
    const accepted = amendAcceptance(decision, head, choicesOf(answer, endpoint));
    const { handler, options } = endpoint;
    return { ...accepted, handler, options, request: snapshot, params, context: answer.context };
  } catch (error) {
    reportError(endpoint.handler, undefined, error);
    return refuse('APPLICATION_FAILED');
  } finally {
    pending.settle();
  }
}

// Origins are judged afterwards, since a function of the application's gets facts that only a good
// request has.
function judgeHead(
  head: RequestHead,
  { options }: ResolvedEndpoint,
  trustProxy: boolean,
): Decision {
  return judgeRequest(head, { ...options, origins: 'any', trustProxy, limits: options.headLimits });
}

function judgeSource(
  head: RequestHead,
  facts: UpgradeRequest,
  { options: { origins }, refusedOrigins }: ResolvedEndpoint,
  trustProxy: boolean,
): Refused | undefined {
  const allowed =
    typeof origins === 'function' ? (origin: string) => origins(origin, facts) : origins;
  const refused = judgeOrigin(head, allowed, trustProxy);
  if (refused !== undefined) printOnce(refusedOrigins, facts.origin ?? '', refused.body);
  return refused;
}

const MOST_ORIGINS_PRINTED = 10;

function printOnce(printed: Set<string>, origin: string, line: string): void {
  if (printed.size >= MOST_ORIGINS_PRINTED || printed.has(origin)) return;
  printed.add(origin);
  process.stderr.write(`hawser: ${line}`);
}

function choicesOf({ options }: Acceptance<unknown>, endpoint: ResolvedEndpoint): Choices {
  const { headers, subprotocol, compression } = options;
  if (compression === undefined) return { headers, subprotocol };
  const resolve = endpointRules(endpoint.options).compression;
  return { headers, subprotocol, compression: resolve(compression, 'compression') };
}

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
  const { handshakeTimeout } = endpoint.options;
  const pending = new PendingHandshake(socket, handshakeTimeout, sharedClock);
  return judge(request, endpoint, Object.freeze({}), pending);
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
  return openConnection(decision, socket, head, () => {});
}

/** Sockets that have their answer, and decisions that became connections. */
const answered = new WeakSet<Duplex>();
const carriedOut = new WeakSet<object>();

// A second head would reach the client as frames, or behind the end of what it was told.
function claim(socket: Duplex): void {
  if (answered.has(socket)) throw alreadyAnswered();
  answered.add(socket);
}

function alreadyAnswered(): TypeError {
  return new TypeError('the request of this socket is answered already');
}

function openConnection<Context, Params>(
  decision: AcceptedUpgrade<Context, Params>,
  socket: Duplex,
  head: Uint8Array | undefined,
  hold: (connection: Connection<Context, Params>) => void,
): Connection<Context, Params> {
  claim(socket);
  const transport = new DuplexTransport(socket);
  socket.off('error', ignoreError);
  if (socket instanceof Socket) leaveHttp(socket, decision.options.keepAlive);
  if (socket.writable) socket.write(formatResponse(decision));
  const { remoteAddress } = decision.request;
  const connection = new Connection({ ...decision, role: 'server', transport, remoteAddress });
  // Before `open` is called, so that a handler finds its connection among the server's.
  hold(connection);
  connection.start(head);
  return connection;
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
  socket: Duplex,
  head: Uint8Array,
  endpoint: Endpoint<Context>,
): Promise<Connection<Context> | undefined> {
  const resolved = resolveOnce(endpoint);
  if (answered.has(socket)) throw alreadyAnswered();
  const judged = judgeFor(request, socket, resolved);
  return judged.then((decision) => {
    const connection: unknown = conclude(decision, socket, head);
    return connection as Connection<Context> | undefined;
  });
}

/** Does what was decided and shows the connection before it opens; undefined when there is none. */
export function conclude(
  decision: UpgradeDecision,
  socket: Duplex,
  head: Uint8Array,
  hold: (connection: Connection) => void = () => {},
): Connection | undefined {
  // Somebody else took care of the request meanwhile.
  if (answered.has(socket)) return undefined;
  if (!decision.accepted) refuseUpgrade(decision, socket);
  else if (!socket.destroyed) return openConnection(decision, socket, head, hold);
  return undefined;
}
