import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { tell } from '../../connection/reporting/diagnostics.ts';
import { sharedClock } from '../../connection/timing/clock.ts';
import type { Header, Refused } from '../../handshake/decision.ts';
import type { Refusal } from '../../handshake/errors.ts';
import { formatHead } from '../../handshake/header-list.ts';
import { refusalHeaders } from '../../handshake/response.ts';
import { http } from './node-http.ts';

/** A refusal, and its body in bytes where a Response of the application's gave one. */
export interface RefusedUpgrade extends Refused {
  readonly content?: Uint8Array;
}

/** How long a refused client may take to read its answer and hang up, in milliseconds. */
const LINGER = 1_000;

/** Answers a request with a refusal and hangs up; gives the status, 0 when the client was gone. */
export function sendRefusal(refused: RefusedUpgrade, socket: Duplex): number {
  socket.on('error', ignoreError);
  if (socket.destroyed || !socket.writable) return hangUp(refused.refusal, socket);
  tellRefusal(refused.status, refused.refusal, socket);
  const linger = sharedClock.after(LINGER, () => socket.destroy());
  socket.once('close', () => linger.cancel());
  // Unread bytes would turn the end into a reset, which could overtake the answer.
  socket.resume();
  socket.end(formatRefusal(refused));
  return refused.status;
}

/** Drops a client without an answer, which is the status 0. */
export function hangUp(refusal: Refusal, socket: Duplex): 0 {
  tellRefusal(0, refusal, socket);
  socket.destroy();
  return 0;
}

function tellRefusal(status: number, refusal: Refusal, socket: Duplex): void {
  tell('hawser:handshake:refused', () => {
    const remoteAddress = socket instanceof Socket ? socket.remoteAddress : undefined;
    return { status, refusal, remoteAddress };
  });
}

/** Keeps an error of a socket from ending the process; its `close` follows. */
export function ignoreError(): void {}

function formatRefusal(refused: RefusedUpgrade): Uint8Array {
  const { status, content = Buffer.from(refused.body) } = refused;
  const headers = refusalHeaders(refused).map(([name, value]): Header => {
    return name === 'Content-Length' ? [name, String(content.length)] : [name, value];
  });
  const head = formatHead(`HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}`, headers);
  return Buffer.concat([head, content]);
}
