import assert from 'node:assert/strict';

import { accept } from 'hawser';

import { openingRequest } from '../../support/opening-request.ts';
import { against, heavyInput, input, row } from '../harness/row.ts';
import { timeOf, within } from '../harness/waiting.ts';

const overBoth = ['plain', 'tls'] as const;

/** Rows about handshakes that stop, and about applications that decide wrongly or never. */
export const deadlineRows = [
  row('HS-23', 'silence after connecting', 'closed at handshakeTimeout', [
    against(overBoth, 'nothing sent, handshakeTimeout 1 s', async (arena) => {
      const options = { handshakeTimeout: 1_000 };
      const stage = await arena.open({ tls: arena.target === 'tls', options });
      const attacker = await arena.attacker(stage);
      const took = await timeOf(() => attacker.rest(3_000));
      assert.ok(took > 900, `${took} ms`);
      arena.figure('closed after', took, 1_500, 'ms');
    }),
    input('a head byte by byte, handshakeTimeout 1 s', async (arena) => {
      const stage = await arena.open({ options: { handshakeTimeout: 1_000 } });
      const attacker = await arena.attacker(stage);
      let sent = 0;
      const timer = setInterval(() => attacker.write(openingRequest().charAt(sent++)), 20);
      arena.after(() => clearInterval(timer));
      const took = await timeOf(() => within(attacker.ended, 3_000, 'the end'));
      clearInterval(timer);
      assert.ok(took > 900, `${took} ms`);
      arena.figure('closed after', took, 1_500, 'ms');
    }),
    heavyInput('nothing sent, no options', 10, async (arena) => {
      const attacker = await arena.attacker();
      const took = await timeOf(() => attacker.rest(12_000));
      arena.figure('closed after', took, 10_500, 'ms');
    }),
  ]),
  row('HS-25', 'an authorize that never settles', '503 at the deadline, its signal fired', [
    against(overBoth, 'handshakeTimeout 1 s', async (arena) => {
      const signals: AbortSignal[] = [];
      const authorize = ({ signal }: { readonly signal: AbortSignal }) => {
        signals.push(signal);
        return new Promise(() => {});
      };
      const options = { handshakeTimeout: 1_000 };
      const stage = await arena.open({ tls: arena.target === 'tls', options, authorize });
      const attacker = await arena.attacker(stage);
      attacker.write(openingRequest());
      const { status } = await attacker.answer(3_000);
      assert.ok(status === 503 || status === 408, String(status));
      assert.deepEqual(
        signals.map(({ aborted }) => aborted),
        [true],
      );
      await within(attacker.ended, 1_000, 'the end');
    }),
  ]),
  row('HS-27', 'a subprotocol chosen that was not offered', '500 and nothing injected', [
    ['a\r\nSet-Cookie: x=1', 'b', ''].map((subprotocol) =>
      input(JSON.stringify(subprotocol), async (arena) => {
        const authorize = () => accept(undefined, { subprotocol });
        const stage = await arena.open({ authorize });
        const attacker = await arena.attacker(stage);
        attacker.write(openingRequest({ 'Sec-WebSocket-Protocol': 'a' }));
        const answer = String(await attacker.rest());
        assert.match(answer, /^HTTP\/1\.1 500 /);
        assert.doesNotMatch(answer, /set-cookie/i);
        assert.deepEqual(stage.witnesses, []);
      }),
    ),
  ]),
];
