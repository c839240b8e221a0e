import type { Handler } from '../../connection/handler.ts';
import type { ResolvedConnectionOptions } from '../../connection/options/options.ts';
import { reportError } from '../../connection/reporting/report-error.ts';
import type { RequestSnapshot } from '../../connection/setup.ts';
import { type Accepted, refuse, type Refused } from '../../handshake/decision.ts';
import { judgeOrigin } from '../../handshake/origin.ts';
import { judgeReadRequest } from '../../handshake/request.ts';
import { amendAcceptance, type Choices } from '../../handshake/response.ts';
import type { RefusedUpgrade } from '../http/refusal.ts';
import type { ResolvedEndpoint } from '../options/endpoint.ts';
import { endpointRules } from '../options/options.ts';
import { Acceptance, askApplication } from './authorize.ts';
import type { PendingHandshake } from './pending.ts';
import {
  type ReceivedRequest,
  requestForAuthorize,
  snapshotOf,
  type UpgradeRequest,
} from './request.ts';

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

/** Takes a place for a client, or says why there is none. */
export type Admission = (remoteAddress: string | undefined) => Refused | undefined;

/** Whether a request is judged without asking the application anything. */
export function isJudgedAtOnce({ options }: ResolvedEndpoint): boolean {
  return options.authorize === undefined && typeof options.origins !== 'function';
}

/** Judges a request by the rules, the origin and the room there is, where that is all. Never throws. */
export function judgeAtOnce(
  request: ReceivedRequest,
  endpoint: ResolvedEndpoint,
  params: Readonly<Record<string, string>>,
  admit: Admission,
): UpgradeDecision {
  try {
    const judged = judgeHead(request, endpoint, params);
    if ('status' in judged) return judged;
    const { snapshot } = judged;
    const refused = judgeSource(request, snapshot, endpoint) ?? admit(snapshot.remoteAddress);
    return refused ?? acceptedBy(endpoint, judged.accepted, snapshot, undefined);
  } catch (error) {
    return failed(endpoint, error);
  }
}

/** Judges a request by the rules, the origin, the room there is and the application. Never rejects. */
export async function judge(
  request: ReceivedRequest,
  endpoint: ResolvedEndpoint,
  params: Readonly<Record<string, string>>,
  pending: PendingHandshake,
  admit: Admission = () => undefined,
): Promise<UpgradeDecision> {
  try {
    const judged = judgeHead(request, endpoint, params);
    if ('status' in judged) return judged;
    const { snapshot } = judged;
    const facts = requestForAuthorize(snapshot, pending.signal);
    const refused = judgeSource(request, facts, endpoint) ?? admit(snapshot.remoteAddress);
    if (refused !== undefined) return refused;
    const answer = await Promise.race([askApplication(endpoint, facts), pending.interrupted]);
    if (!(answer instanceof Acceptance)) return answer;
    const accepted = amendAcceptance(judged.accepted, request, choicesOf(answer, endpoint));
    return acceptedBy(endpoint, accepted, snapshot, answer.context);
  } catch (error) {
    return failed(endpoint, error);
  } finally {
    pending.settle();
  }
}

function acceptedBy(
  { handler, options }: ResolvedEndpoint,
  accepted: Accepted,
  request: RequestSnapshot,
  context: unknown,
): AcceptedUpgrade {
  const { headers, subprotocol, extensions, deflate } = accepted;
  const { params } = request;
  // One by one: spreading is slow, and this is done for every connection.
  return {
    accepted: true,
    headers,
    subprotocol,
    extensions,
    deflate,
    handler,
    options,
    request,
    params,
    context,
  };
}

function failed({ handler }: ResolvedEndpoint, error: unknown): Refused {
  reportError(handler, undefined, error);
  return refuse('APPLICATION_FAILED');
}

/** A request that is good as far as its head goes. */
interface GoodRequest {
  readonly accepted: Accepted;
  readonly snapshot: RequestSnapshot;
}

// Origins are judged afterwards, since a function of the application's gets facts that only a good
// request has.
function judgeHead(
  request: ReceivedRequest,
  { options, trust }: ResolvedEndpoint,
  params: Readonly<Record<string, string>>,
): GoodRequest | Refused {
  if (request.forged) throw new TypeError('request.rawHeaders must hold strings only');
  const { subprotocols, requireSubprotocol, compression, headLimits: limits } = options;
  const rules = { subprotocols, requireSubprotocol, compression, limits };
  const accepted = judgeReadRequest(request.start, request.headers, rules, request.malformed);
  if (!accepted.accepted) return accepted;
  const snapshot = snapshotOf(request, params, trust);
  return snapshot === undefined ? refuse('HOST_INVALID') : { accepted, snapshot };
}

function judgeSource(
  request: ReceivedRequest,
  facts: RequestSnapshot | UpgradeRequest,
  { options: { origins }, trust, refusedOrigins }: ResolvedEndpoint,
): Refused | undefined {
  if (facts.origin === undefined) return undefined;
  const allowed =
    typeof origins === 'function'
      ? (origin: string) => origins(origin, facts as UpgradeRequest)
      : origins;
  const refused = judgeOrigin(request, allowed, trust(request.socket.remoteAddress, 0));
  if (refused !== undefined) printOnce(refusedOrigins, facts.origin, refused.body);
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
