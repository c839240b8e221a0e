import type { IncomingMessage, ServerResponse } from 'node:http';

import { reportError } from '../../connection/reporting/report-error.ts';
import { type Refused, refuse } from '../../handshake/decision.ts';
import { judgeRequest } from '../../handshake/request.ts';
import { refusalHeaders } from '../../handshake/response.ts';
import type { RequestListener } from '../options/options.ts';
import { pathOf, requestHeadOf } from '../request/request.ts';
import type { Router } from '../router.ts';

/** Answers plain HTTP where an application does not: 426 on the path of an endpoint, 404 elsewhere. */
export function plainAnswers(router: Router<unknown>): RequestListener {
  return (request, response) => {
    const match = router.find(pathOf(request.url));
    if (match === undefined) answer(response, refuse('NOT_FOUND'));
    else if (match === 'malformed') answer(response, refuse('TARGET_INVALID'));
    else answer(response, judgePlain(request));
  };
}

function judgePlain(request: IncomingMessage): Refused {
  const { method = '', headers } = request;
  // It meant to open a connection and made a mistake: the answer names it.
  if (headers.upgrade !== undefined) {
    const decision = judgeRequest(requestHeadOf(request), { origins: 'any' });
    if (!decision.accepted) return decision;
  }
  return refuse(method === 'GET' || method === 'HEAD' ? 'UPGRADE_REQUIRED' : 'NOT_FOUND');
}

/** Answers a plain request with a refusal. */
export function answer(response: ServerResponse, refused: Refused): void {
  response.writeHead(refused.status, refusalHeaders(refused).flat());
  response.end(refused.body);
}

/** Calls the application; what it throws is answered with 500 and reported, and ends nothing. */
export function callListener(
  listener: RequestListener,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const fail = (error: unknown) => {
    reportError(undefined, undefined, error);
    if (response.headersSent) response.destroy();
    else answer(response, refuse('APPLICATION_FAILED'));
  };
  try {
    Promise.resolve(listener(request, response)).catch(fail);
  } catch (error) {
    fail(error);
  }
}
