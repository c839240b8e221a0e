import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ResponseCase } from '../case.ts';
import type { Verdict } from '../report/verdict.ts';
import { text } from '../wire/frame.ts';
import { header, openingResponse } from '../wire/http.ts';
import type { Head } from '../wire/http.ts';
import { agreementOf } from '../wire/negotiation.ts';
import { Link } from './link.ts';
import { timers } from './timers.ts';

type Came = 'opened' | 'refused' | 'refused with frames' | 'silent';

async function respond(test: ResponseCase, response: Buffer, socket: Socket): Promise<void> {
  for (const piece of test.pieces?.(response) ?? [response]) {
    if (!socket.destroyed) socket.write(piece);
    await sleep(5);
  }
}

async function watch(link: Link): Promise<Came> {
  await link.until(() => link.finished || link.gone || link.received.length > 0, 60);
  if (!link.finished && !link.gone && link.received.length === 0) link.send(text('probe'));
  const isProbe = (): boolean =>
    link.received.some((event) => event.type === 'message' && event.payload.toString() === 'probe');
  await link.until(() => isProbe() || link.finished || link.gone, timers.closeReply);
  const opened = isProbe();
  const frames = link.incoming.keys.length > 0;
  const ended = link.finished || link.gone;
  if (opened) link.close(1000);
  else link.drop();
  await link.ended;
  if (opened) return 'opened';
  return !ended ? 'silent' : frames ? 'refused with frames' : 'refused';
}

/** Answers a client's opening request and judges what the client makes of it. */
export async function playResponse(
  test: ResponseCase,
  request: Head,
  socket: Socket,
): Promise<Verdict & { timedOut: boolean }> {
  const change = typeof test.change === 'function' ? test.change(request) : test.change;
  const agreement = agreementOf(change?.set?.['Sec-WebSocket-Extensions']);
  const link = new Link(socket, 'server', agreement, request.rest);
  const response = openingResponse(header(request, 'Sec-WebSocket-Key') ?? '', change);
  await respond(test, Buffer.from(response, 'latin1'), socket);
  const came = await watch(link);
  const wrong = test.check?.(request) ?? link.violations[0];
  const wanted = test.opens ? 'opened' : 'refused';
  const other = test.tolerated === true && (came === 'opened' || came.startsWith('refused'));
  const behavior =
    wrong === undefined && came === wanted
      ? 'OK'
      : other || (!test.opens && came === 'refused with frames')
        ? 'NON-STRICT'
        : 'FAILED';
  return {
    behavior: wrong === undefined ? behavior : 'FAILED',
    behaviorClose: 'OK',
    expected: wanted,
    got: wrong === undefined ? came : `${came}; ${wrong}`,
    timedOut: came === 'silent',
  };
}
