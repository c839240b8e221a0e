import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';

import type { CloseInfo } from 'hawser';

import type { Arena, Duel } from './arena.ts';
import type { Attacker } from './attacker.ts';
import { op } from './frames.ts';
import { ownWork } from './own-work.ts';
import { within } from './waiting.ts';

/**
 * The connection fails: a Close with the code, FIN at once, the socket gone within a second also
 * when the attacker stays silent, and the same code in its CloseInfo (RFC 6455 §7.1.7).
 */
export async function fails(
  arena: Arena,
  { attacker, witness }: Duel,
  code: number,
  patience = 2_000,
): Promise<CloseInfo> {
  assert.equal(await attacker.closeCode(patience), code);
  const closedAt = performance.now();
  await within(attacker.ended, 1_000, 'FIN behind the Close');
  arena.figure('FIN after Close', performance.now() - closedAt, 250, 'ms');
  if (!arena.silent) attacker.socket.end();
  const info = await witness.closed(1_100);
  assert.equal(info.code, code);
  assert.equal(info.wasClean, false);
  assert.equal(info.initiator, 'local');
  await arena.socketsGone(200);
  return info;
}

/** The server answers with this status and hangs up within a second; no connection opened. */
export async function isRefused(
  arena: Arena,
  attacker: Attacker,
  ...statuses: readonly number[]
): Promise<ReadonlyMap<string, string>> {
  const { status, headers } = await attacker.answer();
  assert.ok(statuses.includes(status), `${status} is not ${statuses.join(' or ')}`);
  await within(attacker.ended, 1_000, 'the end of the connection');
  assert.deepEqual(arena.opened, []);
  attacker.socket.end();
  return headers;
}

/** So many pings of 125 bytes. */
export function pings({ attacker }: Duel, count: number): Buffer {
  const one = attacker.frame(op.ping, Buffer.alloc(125, 112));
  return ownWork(() => Buffer.concat(Array<Buffer>(count).fill(one)));
}
