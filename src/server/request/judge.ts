import type { IncomingMessage } from 'node:http';

import type { Handler } from '../../connection/handler.ts';
import type { ResolvedConnectionOptions } from '../../connection/options/options.ts';
import { reportError } from '../../connection/reporting/report-error.ts';
import type { RequestSnapshot } from '../../connection/setup.ts';
import { type Accepted, type Decision, refuse, type Refused } from '../../handshake/decision.ts';
import type { RequestHead } from '../../handshake/http-head.ts';
import { judgeOrigin } from '../../handshake/origin.ts';
import { judgeRequest } from '../../handshake/request.ts';
import { amendAcceptance, type Choices } from '../../handshake/response.ts';
import type { RefusedUpgrade } from '../http/refusal.ts';
import type { ResolvedEndpoint } from '../options/endpoint.ts';
import { endpointRules } from '../options/options.ts';
import { Acceptance, askApplication } from './authorize.ts';
import type { PendingHandshake } from './pending.ts';
import { requestForAuthorize, requestHeadOf, snapshotOf, type UpgradeRequest } from './request.ts';

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

/** Judges a request by the rules, the origin, the room there is and the application. Never rejects. */
export async function judge(
  request: IncomingMessage,
  endpoint: ResolvedEndpoint,
  params: Readonly<Record<string, string>>,
  pending: PendingHandshake,
  admit: Admission = () => undefined,
): Promise<UpgradeDecision> {
  try {
    const head = requestHeadOf(request);
    const trusted = endpoint.trust(request.socket.remoteAddress, 0);
    const decision = judgeHead(head, endpoint, trusted);
    if (!decision.accepted) return decision;
    const snapshot = snapshotOf(request, head, params, endpoint.trust);
    if (snapshot === undefined) return refuse('HOST_INVALID');
    const facts = requestForAuthorize(snapshot, pending.signal);
    const refused = judgeSource(head, facts, endpoint, trusted) ?? admit(snapshot.remoteAddress);
    if (refused !== undefined) return refused;
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
