import assert from 'node:assert/strict';

import { openingRequest } from '../../support/opening-request.ts';
import { input, row } from '../harness/row.ts';

/** The canary is one of the connections of its server. */
const canary = 1;

/** Rows about how many connections a server takes, and from whom. */
export const admissionRows = [
  row('RX-05', 'one connection more than allowed', '503 with Retry-After, before authorize', [
    input('maxConnections 3', async (arena) => {
      let asked = 0;
      const authorize = () => ({ turn: ++asked });
      const options = { maxConnections: 3 + canary };
      const stage = await arena.open({ options, authorize });
      const duels = [];
      for (let count = 0; count < 3; count++) duels.push(await arena.duelWith(stage));
      for (let attempt = 0; attempt < 3; attempt++) {
        const { attacker, answer } = await arena.request({}, undefined, stage);
        assert.equal(answer.status, 503);
        assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
        await attacker.rest();
      }
      assert.equal(asked, 3);
      duels[0]?.attacker.destroy();
      await duels[0]?.witness.closed(2_000);
      await arena.duelWith(stage);
    }),
    input('maxPendingHandshakes 4, eight silent clients: the oldest go', async (arena) => {
      const stage = await arena.open({ options: { maxPendingHandshakes: 4 } });
      const silent = [];
      for (let count = 0; count < 8; count++) silent.push(await arena.attacker(stage));
      for (const attacker of silent.slice(0, 4)) await attacker.rest();
      await arena.duelWith(stage);
      const waiting = silent.filter(({ over }) => !over).length;
      assert.ok(waiting <= 4, `${waiting} still wait`);
    }),
  ]),
  row('TL-09', 'X-Forwarded-For of a stranger', 'ignored but from a trusted proxy', [
    input('no trustProxy, maxConnectionsPerAddress 2', async (arena) => {
      const stage = await arena.open({ options: { maxConnectionsPerAddress: 2 + canary } });
      const forwarded = (index: number) => ({ 'X-Forwarded-For': `192.0.2.${index}` });
      await arena.duelWith(stage, forwarded(1));
      await arena.duelWith(stage, forwarded(2));
      const { answer } = await arena.request(forwarded(3), undefined, stage);
      assert.equal(answer.status, 503);
    }),
    input('trustProxy names another proxy', async (arena) => {
      const options = { maxConnectionsPerAddress: 1 + canary, trustProxy: ['192.0.2.77'] };
      const stage = await arena.open({ options });
      await arena.duelWith(stage, { 'X-Forwarded-For': '192.0.2.1' });
      const { answer } = await arena.request({ 'X-Forwarded-For': '192.0.2.2' }, undefined, stage);
      assert.equal(answer.status, 503);
    }),
    input(
      'trustProxy names this one: what it appended counts, not what a client wrote',
      async (arena) => {
        const options = { maxConnectionsPerAddress: 2, trustProxy: ['127.0.0.1'] };
        const stage = await arena.open({ options });
        for (const forged of ['10.0.0.1', '10.0.0.2']) {
          await arena.duelWith(stage, { 'X-Forwarded-For': `${forged}, 192.0.2.1` });
        }
        const same = { 'X-Forwarded-For': '10.0.0.3, 192.0.2.1' };
        const { answer } = await arena.request(same, undefined, stage);
        assert.equal(answer.status, 503);
        await arena.duelWith(stage, { 'X-Forwarded-For': '192.0.2.2' });
      },
    ),
    input('a forwarded address that is none', async (arena) => {
      const options = { maxConnectionsPerAddress: 2 + canary, trustProxy: true };
      const stage = await arena.open({ options });
      const attacker = await arena.attacker(stage);
      attacker.write(openingRequest({ 'X-Forwarded-For': `${'9'.repeat(4_000)},,;"` }));
      assert.equal((await attacker.answer()).status, 101);
    }),
  ]),
];
