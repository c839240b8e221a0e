import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Opcode } from '../../src/protocol/opcode.ts';
import type { Role } from '../../src/protocol/role.ts';
import { rawPair, settle } from '../connection/raw-peer.ts';

/** Frames that are nearly right, and bytes that are nothing, cut anywhere. */
const traffic = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.record({
      opcode: fc.integer({ min: 0, max: 15 }),
      payload: fc.oneof(fc.uint8Array({ maxLength: 130 }), fc.string({ unit: 'binary' })),
      fin: fc.boolean(),
      rsv: fc.constantFrom(0, 0, 0, 1, 4, 7),
    }),
  ),
  { maxLength: 12 },
);

test('Behaviour 1: no bytes whatever throw or reject where nobody listens; close comes once', async (t) => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const roles = fc.constantFrom<Role>('server', 'client');
  await fc.assert(
    fc.asyncProperty(roles, fc.boolean(), fc.boolean(), traffic, async (role, zips, calls, all) => {
      let closes = 0;
      const { connection, peer } = rawPair({
        role,
        options: { compression: zips },
        ...(zips ? { deflate: {} } : {}),
        ...(calls ? { handler: { close: () => void closes++ } } : {}),
      });
      void connection.ping('unanswered');
      if (!calls) void connection.receive();
      for (const one of all) {
        if (one instanceof Uint8Array) peer.transport.write(one);
        else peer.send(one.opcode, one.payload, one);
      }
      peer.transport.end();
      await connection.closed;
      await settle(1);
      assert.equal(closes, calls ? 1 : 0);
    }),
    { numRuns: 300 },
  );
  assert.deepEqual(unhandled, []);
});

test('Behaviour 1: an error on a transport of a connection without a handler ends it alone', async () => {
  const { connection, peer } = rawPair();
  peer.send(Opcode.Text, 'before');
  await settle();
  peer.transport.destroy();
  assert.equal((await connection.closed).code, 1006);
  assert.equal(await connection.receive(), 'before');
});
