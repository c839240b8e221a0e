import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import type { Behavior, Reply, RequestCase } from '../case.ts';
import type { Verdict } from '../report/verdict.ts';
import { text } from '../wire/frame.ts';
import { header, openingRequest, readHead, status } from '../wire/http.ts';
import type { Head } from '../wire/http.ts';
import { readAnswer } from '../wire/negotiation.ts';
import { dial, wrongWithResponse } from './dial.ts';
import type { Server } from './dial.ts';
import { Link } from './link.ts';
import { timers } from './timers.ts';

async function write(socket: Socket, bytes: Buffer, size: number): Promise<void> {
  for (let start = 0; start < bytes.length && !socket.destroyed; start += size) {
    socket.write(bytes.subarray(start, start + size));
    await turn();
  }
}

const printable = (bytes: Buffer): string => bytes.toString().replaceAll(/[^ -~]/g, '?');

/** Plays a probe on the opened connection; gives the texts that came back. */
async function probe(socket: Socket, head: Head, offers: string): Promise<string> {
  const answer = readAnswer(header(head, 'Sec-WebSocket-Extensions'), offers);
  const agreement = typeof answer === 'string' ? undefined : answer;
  const link = new Link(socket, 'client', agreement, head.rest);
  const texts = (): string[] =>
    link.received.map((event) =>
      event.type === 'message' ? printable(event.payload) : event.type,
    );
  link.send(text('probe'));
  await link.until(() => texts().includes('probe') || link.gone, timers.closeReply);
  link.close(1000);
  await link.ended;
  const wrong = typeof answer === 'string' ? [`a bad extension answer: ${answer}`] : [];
  return [...wrong, ...link.violations, ...texts()].join(', ');
}

async function exchange(test: RequestCase, server: Server, key: string): Promise<Reply> {
  const path = server.paths[test.setup ?? 'echo'] ?? '/';
  const host = `${server.host}:${server.port}`;
  const bytes =
    test.bytes?.(host, path, key) ??
    Buffer.from(openingRequest(host, path, key, test.change), 'latin1');
  const socket = await dial(server);
  let ended = false;
  socket.once('end', () => (ended = true)).once('close', () => (ended = true));
  const reading = readHead(socket, timers.handshake);
  await write(socket, bytes, test.chop ?? Infinity);
  const head = await reading;
  if (head === undefined) {
    socket.destroy();
    return { kind: ended ? 'dropped' : 'silent' };
  }
  const open = status(head) === 101 && wrongWithResponse(head, key) === undefined;
  const offers = test.change?.set?.['Sec-WebSocket-Extensions'] ?? '';
  const echo = open ? await probe(socket, head, offers) : '';
  socket.destroy();
  return { kind: 'head', status: status(head), head, echo };
}

function wrongWith(test: RequestCase, head: Head, key: string, echo: string): string | undefined {
  if (status(head) === 101) {
    const wrong = wrongWithResponse(head, key);
    if (wrong !== undefined) return `a wrong ${wrong} in the answer`;
    const expected = test.glued === undefined ? 'probe' : `${test.glued}, probe`;
    if (echo !== expected) return `the echoes were: ${echo}`;
  }
  return test.check?.(head);
}

function describe(reply: Reply, wrong: string | undefined): string {
  if (reply.kind === 'dropped') return 'TCP dropped without an answer';
  if (reply.kind === 'silent') return 'no answer';
  return `${reply.head.startLine}${wrong === undefined ? '' : `; ${wrong}`}`;
}

function grade(test: RequestCase, reply: Reply, wrong: string | undefined): Behavior {
  if (reply.kind === 'silent') return 'FAILED';
  const code = reply.kind === 'head' ? reply.status : 0;
  if (wrong === undefined && test.status.includes(code)) return 'OK';
  const tolerated = test.tolerated?.includes(code) === true;
  return tolerated && (code !== 101 || wrong === undefined) ? 'NON-STRICT' : 'FAILED';
}

/** Sends one opening request to the server under test and judges the answer. */
export async function playRequest(
  test: RequestCase,
  server: Server,
): Promise<Verdict & { timedOut: boolean }> {
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const reply = await exchange(test, server, key);
  const wrong = reply.kind === 'head' ? wrongWith(test, reply.head, key, reply.echo) : undefined;
  const lax = test.tolerated === undefined ? '' : ` | NON-STRICT: ${test.tolerated.join(', ')}`;
  const expected = `OK: ${test.status.join(', ')}${lax}`.replaceAll(/\b0\b/g, 'a drop');
  return {
    behavior: grade(test, reply, wrong),
    behaviorClose: 'OK',
    expected,
    got: describe(reply, wrong),
    timedOut: reply.kind === 'silent',
  };
}
