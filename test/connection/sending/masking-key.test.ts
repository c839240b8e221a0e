import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { guardedMaskingKey } from '../../../src/connection/sending/masking-key.ts';
import { Opcode } from '../../../src/protocol/opcode.ts';
import { rawPair, settle } from '../raw-peer.ts';

describe('guardedMaskingKey()', () => {
  test('F117: gives the keys of the application', () => {
    let key = 0;
    const next = guardedMaskingKey(() => key++, { onError: (error) => assert.fail(String(error)) });
    assert.deepEqual([next(), next(), next()], [0, 1, 2]);
  });

  test('tells once that there was none, not at once, and draws random ones from then on', async () => {
    const draws: readonly (() => unknown)[] = [() => 'key', () => assert.fail('none')];
    for (const draw of draws) {
      const errors: unknown[] = [];
      const next = guardedMaskingKey(draw as () => number, {
        onError: (error) => void errors.push(error),
      });
      const keys = [next(), next(), next(), next()];
      assert.ok(keys.every((key) => Number.isInteger(key)));
      assert.ok(new Set(keys).size > 1);
      assert.equal(errors.length, 0);
      await settle();
      assert.equal(errors.length, 1);
    }
  });

  test('Behaviour 1: a key that cannot be drawn for a Pong fails the connection, not the process', async () => {
    const errors: unknown[] = [];
    const { connection, peer } = rawPair({
      role: 'client',
      options: { maskingKey: () => assert.fail('no key') },
      handler: { message() {}, error: (_connection, error) => void errors.push(error) },
    });
    peer.send(Opcode.Ping, 'p');
    await settle();
    assert.deepEqual(peer.log, ['a p', 'close 1011']);
    assert.match(String(errors), /no key/);
    assert.equal(connection.state, 'closed');
  });
});
