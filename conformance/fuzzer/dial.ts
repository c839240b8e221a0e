import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import type { FrameCase, Setup } from '../case.ts';
import {
  acceptKey,
  hasToken,
  header,
  openingRequest,
  randomKey,
  readHead,
  status,
} from '../wire/http.ts';
import type { Head, RequestChange } from '../wire/http.ts';
import { offerOf, readAnswer } from '../wire/negotiation.ts';
import type { Wish } from '../wire/negotiation.ts';
import { Link } from './link.ts';
import { timers } from './timers.ts';

/** The server under test: its address, and the path of each setup it has. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly paths: Partial<Record<Setup, string>>;
}

/** Opens a TCP connection whose ends close independently. */
export async function dial({ host, port }: Server): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  await once(socket, 'connect');
  socket.on('error', () => {});
  return socket;
}

/** Says what is wrong with a server's opening response (RFC 6455 §4.1), if anything is. */
export function wrongWithResponse(head: Head, key: string): string | undefined {
  if (status(head) !== 101) return `status line ${head.startLine}`;
  if (header(head, 'Upgrade')?.toLowerCase() !== 'websocket') return 'Upgrade';
  if (!hasToken(head, 'Connection', 'upgrade')) return 'Connection';
  if (header(head, 'Sec-WebSocket-Accept') !== acceptKey(key)) return 'Sec-WebSocket-Accept';
  return undefined;
}

/** Opens a WebSocket connection; undefined when the opening handshake fails. */
export async function openLink(
  server: Server,
  path: string,
  offers?: string,
  change: RequestChange = {},
): Promise<Link | undefined> {
  const socket = await dial(server);
  const key = randomKey();
  const set = { ...change.set };
  if (offers !== undefined) set['Sec-WebSocket-Extensions'] = offers;
  socket.write(openingRequest(`${server.host}:${server.port}`, path, key, { ...change, set }));
  const head = await readHead(socket, timers.handshake);
  if (head === undefined || wrongWithResponse(head, key) !== undefined) {
    socket.destroy();
    return undefined;
  }
  const answer = readAnswer(header(head, 'Sec-WebSocket-Extensions'), offers ?? '');
  const agreement = typeof answer === 'string' ? undefined : answer;
  const link = new Link(socket, 'client', agreement, head.rest);
  if (typeof answer === 'string') link.violations.push(`a bad extension answer: ${answer}`);
  return link;
}

/** The offers a case makes, as one header. */
export function offersOf(wishes: readonly Wish[] | undefined): string | undefined {
  return wishes?.map((wish) => offerOf(wish)).join(', ');
}

/** Opens the connection a case is played on. */
export function openFor(test: FrameCase, server: Server): Promise<Link | undefined> {
  const path = server.paths[test.setup ?? 'echo'] ?? '/';
  return openLink(server, path, offersOf(test.deflate));
}
