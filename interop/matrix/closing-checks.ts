import assert from 'node:assert/strict';

import type { SubjectEnding } from '../subject/subject.ts';
import type { Check } from './checks.ts';
import { patience, within } from './mailbox.ts';

/** The longest reason a Close may carry: 123 bytes. */
const longReason = `${'ä'.repeat(61)}!`;

function closedBySubject(code: number, reason: string): Check {
  return {
    group: 'close',
    name: `closed by us with ${code} and a reason of ${Buffer.byteLength(reason)} B`,
    async run({ connection, peerEnding }) {
      const ending = await within(patience, 'end', connection.close(code, reason));
      assertEnding(ending, code);
      const seen = await peerEnding();
      if (seen !== undefined) assert.deepEqual(seen, { code, reason }, 'what the peer saw');
    },
  };
}

function closedByPeer(words: string, code: number, reason: string): Check {
  return {
    group: 'close',
    name: `closed by the peer with ${code} and a reason of ${Buffer.byteLength(reason)} B`,
    ...(code === 1005 ? { needs: 'empty-close' as const } : {}),
    async run({ connection, peerEnding }) {
      await connection.send(words);
      const ending = await within(patience, 'end', connection.closed);
      assertEnding(ending, code);
      assert.equal(ending.reason, reason);
      await peerEnding();
    },
  };
}

/** Throws unless the connection ended cleanly with this code. */
export function assertEnding(ending: SubjectEnding, code: number): void {
  assert.equal(ending.code, code, `code ${ending.code}, reason '${ending.reason}'`);
  assert.equal(ending.wasClean, true, 'the end was not clean');
}

/** Closes of either side, with every length of reason. */
export const closings: readonly Check[] = [
  closedBySubject(1000, ''),
  closedBySubject(3001, 'Grund: schön'),
  closedBySubject(4999, longReason),
  closedByPeer('!close 1000', 1000, ''),
  closedByPeer('!close 4001 tschüß', 4001, 'tschüß'),
  closedByPeer(`!close 3999 ${longReason}`, 3999, longReason),
  closedByPeer('!close', 1005, ''),
];
