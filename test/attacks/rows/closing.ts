import assert from 'node:assert/strict';

import type { Target } from '../harness/arena.ts';
import { closeBody, op } from '../harness/frames.ts';
import { against, input, row } from '../harness/row.ts';
import { fails } from '../harness/verdict.ts';
import { timeOf, within } from '../harness/waiting.ts';

const everywhere: readonly Target[] = ['plain', 'tls', 'deflate', 'client', 'client deflate'];
const bothRoles: readonly Target[] = ['plain', 'client'];

const forbidden = [1005, 1006, 1015, 1016, 999, 2999, 5000, 0];
const allowed = [1000, 1001, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999];

/** Rows about the closing handshake. */
export const closingRows = [
  row(
    'CL-01',
    'a Close with a code that may not be sent',
    '1002',
    [
      forbidden.map((code, index) =>
        against(index === 0 ? everywhere : bothRoles, `code ${code}`, async (arena) => {
          const duel = await arena.duel();
          duel.attacker.send(op.close, closeBody(code));
          await fails(arena, duel, 1002);
        }),
      ),
      against(bothRoles, 'a payload of one byte', async (arena) => {
        const duel = await arena.duel();
        duel.attacker.send(op.close, Buffer.from([3]));
        await fails(arena, duel, 1002);
      }),
      against(bothRoles, 'a reason that is not UTF-8', async (arena) => {
        const duel = await arena.duel();
        duel.attacker.send(op.close, Buffer.from('03e8ff', 'hex'));
        await fails(arena, duel, 1007);
      }),
    ].flat(),
  ),
  row(
    'CL-03',
    'a Close with a code that may be sent',
    'echoed, clean',
    [
      allowed.map((code, index) =>
        against(index === 0 ? everywhere : bothRoles, `code ${code}`, async (arena) => {
          const { attacker, witness } = await arena.duel();
          attacker.send(op.close, closeBody(code, 'bye'));
          assert.equal(await attacker.closeCode(), code);
          attacker.socket.end();
          const info = await witness.closed(1_100);
          assert.deepEqual([info.code, info.reason, info.wasClean], [code, 'bye', true]);
          assert.equal(info.initiator, 'peer');
        }),
      ),
    ].flat(),
  ),
  row(
    'CL-04',
    'no answer to a Close of the server',
    'ended by closeTimeout, 1006',
    [
      input('closeTimeout 0.5 s', async (arena) => {
        const stage = await arena.open({ endpoint: { closeTimeout: 500 } });
        const { attacker, witness } = await arena.duelWith(stage);
        const closed = witness.connection.close(4000, 'go');
        assert.equal(await attacker.closeCode(), 4000);
        const took = await timeOf(() => within(closed, 2_000, 'the end'));
        assert.ok(took > 450, `${took} ms`);
        arena.figure('ended after', took, 1_000, 'ms');
        const { code, wasClean, initiator } = await closed;
        assert.deepEqual([code, wasClean, initiator], [1006, false, 'local']);
        await arena.socketsGone(200);
      }),
      against(['plain'], 'no options', async (arena) => {
        const { attacker, witness } = await arena.duel();
        const closed = witness.connection.close();
        assert.equal(await attacker.closeCode(), 1000);
        const took = await timeOf(() => within(closed, 6_500, 'the end'));
        arena.figure('ended after', took, 5_500, 'ms');
        assert.equal((await closed).code, 1006);
        await arena.socketsGone(200);
      }),
    ].flat(),
  ),
  row(
    'CL-07',
    'a Close, and then no FIN',
    'FIN at once, gone within 1 s',
    [
      against(['plain', 'tls', 'deflate'], 'Close 1000 and silence', async (arena) => {
        const { attacker, witness } = await arena.duel();
        attacker.send(op.close, closeBody(1000));
        assert.equal(await attacker.closeCode(), 1000);
        arena.figure(
          'FIN after',
          await timeOf(() => within(attacker.ended, 1_000, 'FIN')),
          250,
          'ms',
        );
        const info = await witness.closed(1_100);
        assert.deepEqual([info.code, info.wasClean], [1000, true]);
        await arena.socketsGone(200);
      }),
      against(['client'], 'Close 1000 and silence', async (arena) => {
        const { attacker, witness } = await arena.duel();
        attacker.send(op.close, closeBody(1000));
        assert.equal(await attacker.closeCode(), 1000);
        // A client waits for the server to end the connection, but not for ever (RFC 6455 §7.1.1).
        const info = await witness.closed(6_000);
        assert.deepEqual([info.code, info.wasClean], [1000, true]);
        await arena.socketsGone(200);
      }),
    ].flat(),
  ),
  row('CL-09', 'data and a ping behind the Close', 'ignored, one close event', [
    against(everywhere, 'all in one packet', async (arena) => {
      const { attacker, witness } = await arena.duel();
      const frames = [
        attacker.frame(op.close, closeBody(1000)),
        attacker.frame(op.text, 'late'),
        attacker.frame(op.ping, 'late'),
      ];
      attacker.write(...frames);
      assert.equal(await attacker.closeCode(), 1000);
      attacker.socket.end();
      assert.equal((await attacker.rest()).length, 0);
      await witness.closed(1_100);
      assert.deepEqual([witness.messages, witness.pings, witness.infos.length], [[], 0, 1]);
      assert.equal(attacker.frames.length, 1);
    }),
  ]),
  row(
    'CL-11',
    'an application that misuses close and send',
    'no throw but for arguments',
    [
      against(bothRoles, 'close() twice', async (arena) => {
        const { attacker, witness } = await arena.duel();
        const first = witness.connection.close(1000);
        const second = witness.connection.close(4000);
        assert.equal(await attacker.closeCode(), 1000);
        attacker.send(op.close, closeBody(1000));
        attacker.socket.end();
        assert.equal((await first).code, 1000);
        assert.equal((await second).code, 1000);
      }),
      input('close() in message, then send()', async (arena) => {
        const results: unknown[] = [];
        const stage = await arena.open({
          message(connection) {
            void connection.close(4001);
            results.push(connection.send('too late'), connection.send(new Uint8Array(9)));
          },
        });
        const { attacker, witness } = await arena.duelWith(stage);
        attacker.write(attacker.frame(op.text, 'a'), attacker.frame(op.text, 'b'));
        assert.equal(await attacker.closeCode(), 4001);
        assert.deepEqual(results.slice(0, 2), [false, false]);
        attacker.send(op.close, closeBody(4001));
        attacker.socket.end();
        assert.equal((await witness.closed(1_000)).code, 4001);
      }),
      against(bothRoles, 'send(), ping() and drained() after the end', async (arena) => {
        const { attacker, witness } = await arena.duel();
        attacker.destroy();
        await witness.closed(1_000);
        assert.equal(witness.connection.send('x'), false);
        await assert.rejects(witness.connection.ping(), { code: 'ERR_NOT_OPEN' });
        await assert.rejects(witness.connection.drained(), { code: 'ERR_NOT_OPEN' });
        // Forgotten ones must not become unhandled rejections.
        void witness.connection.ping();
        void witness.connection.drained();
      }),
      against(bothRoles, 'close(1005), and a reason of 124 bytes', async (arena) => {
        const { attacker, witness } = await arena.duel();
        assert.throws(() => witness.connection.close(1005), RangeError);
        assert.equal(witness.connection.state, 'open');
        const closed = witness.connection.close(1000, `${'a'.repeat(121)}€`);
        const close = await attacker.next();
        assert.equal(String(close.payload.subarray(2)), 'a'.repeat(121));
        attacker.send(op.close, closeBody(1000));
        attacker.socket.end();
        await closed;
      }),
    ].flat(),
  ),
];
