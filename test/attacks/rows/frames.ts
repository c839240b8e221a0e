import assert from 'node:assert/strict';

import type { Duel, Target } from '../harness/arena.ts';
import { failing } from '../harness/failing.ts';
import { closeBody, op } from '../harness/frames.ts';
import { against, row } from '../harness/row.ts';
import { fails } from '../harness/verdict.ts';

const everywhere: readonly Target[] = ['plain', 'tls', 'deflate', 'client', 'client deflate'];
const bothRoles: readonly Target[] = ['plain', 'client'];
const servers: readonly Target[] = ['plain', 'tls', 'deflate'];

const reservedOpcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

/** The first two bytes of a frame whose length is told by the bytes behind them. */
function twoBytes(opcode: number, length: number) {
  return ({ attacker }: Duel) => {
    const mask = attacker.side === 'client' ? 0x80 : 0;
    attacker.write(Buffer.from([0x80 | opcode, mask | length]));
  };
}

const reserved = reservedOpcodes.flatMap((opcode) =>
  [126, 127].flatMap((length) => {
    const first = (0x80 | opcode).toString(16).toUpperCase();
    const name = `the two bytes ${first} ${(0x80 | length).toString(16).toUpperCase()}`;
    const targets = opcode === 3 || opcode === 11 ? everywhere : bothRoles;
    return failing(targets, name, 1002, twoBytes(opcode, length));
  }),
);

const badText: readonly (readonly [string, string])[] = [
  ['C0 80, an overlong NUL', 'c080'],
  ['ED A0 80, a surrogate', 'eda080'],
  ['F4 90 80 80, above U+10FFFF', 'f4908080'],
  ['F8 88 80 80 80, five bytes', 'f888808080'],
  ['80, a continuation alone', '80'],
];

const maxOf = (target: Target) => (target.startsWith('client') ? 16 : 1) * 1_048_576;

/** Rows about single frames. */
export const frameRows = [
  row('FR-01', 'a frame masked for the wrong role', '1002', [
    failing(servers, '81 05 "Hello", unmasked', 1002, ({ attacker }) => {
      attacker.write(Buffer.from('810548656c6c6f', 'hex'));
    }),
  ]),
  row('FR-03', 'reserved opcodes', '1002 on the first two bytes', [reserved]),
  row('FR-05', 'control frames that are too long or fragmented', '1002', [
    failing(everywhere, 'a ping of 126 bytes', 1002, ({ attacker }) => {
      attacker.send(op.ping, Buffer.alloc(126));
    }),
    failing(bothRoles, 'the header of a ping of 126 bytes alone', 1002, twoBytes(op.ping, 126)),
    failing(everywhere, 'a ping without FIN', 1002, ({ attacker }) => {
      attacker.send(op.ping, 'x', { fin: false });
    }),
    failing(everywhere, 'a Close without FIN', 1002, ({ attacker }) => {
      attacker.send(op.close, closeBody(1000), { fin: false });
    }),
  ]),
  row('FR-07', 'a 64-bit length with its top bit set', '1002', [
    failing(everywhere, '82 FF 80 00 00 00 00 00 00 01', 1002, ({ attacker }) => {
      attacker.send(op.binary, '', { declared: 0x8000_0000_0000_0001n });
    }),
  ]),
  row('FR-09', 'a length one above the limit, then nothing', '1009 at the header', [
    against(everywhere, 'maxMessageSize + 1 declared', async (arena) => {
      const duel = await arena.duel();
      duel.attacker.send(op.binary, '', { declared: maxOf(arena.target) + 1 });
      await fails(arena, duel, 1009);
    }),
    against(
      bothRoles,
      'maxMessageSize declared in two fragments, and one byte more',
      async (arena) => {
        const duel = await arena.duel();
        duel.attacker.send(op.binary, 'x', { fin: false });
        duel.attacker.send(op.more, '', { declared: maxOf(arena.target) });
        await fails(arena, duel, 1009);
      },
    ),
  ]),
  row('FR-15', 'a masking key of zeros', 'accepted', [
    against(servers, 'key 00000000', async (arena) => {
      const { attacker, witness } = await arena.duel();
      attacker.send(op.text, 'Hello', { key: Buffer.alloc(4) });
      assert.equal(String((await attacker.next()).payload), 'Hello');
      assert.deepEqual(witness.messages, ['Hello']);
    }),
  ]),
  row('FR-17', 'text that is not UTF-8', '1007', [
    badText.flatMap(([name, bytes]) =>
      failing(everywhere, name, 1007, ({ attacker }) => {
        attacker.send(op.text, Buffer.from(bytes, 'hex'));
      }),
    ),
    failing(bothRoles, 'F4 90 of a longer frame: at the first impossible byte', 1007, (duel) => {
      duel.attacker.write(
        duel.attacker.frame(op.text, Buffer.from('f490', 'hex'), { declared: 99 }),
      );
    }),
  ]),
  row('FR-19', 'text that ends inside a code point', '1007', [
    failing(everywhere, 'E2 82 and FIN', 1007, ({ attacker }) => {
      attacker.send(op.text, Buffer.from('e282', 'hex'));
    }),
    failing(bothRoles, 'E2, then 82 and FIN in a fragment of its own', 1007, ({ attacker }) => {
      attacker.send(op.text, Buffer.from('e2', 'hex'), { fin: false });
      attacker.send(op.more, Buffer.from('82', 'hex'));
    }),
    against(bothRoles, 'E2 82, then AC in the next fragment: a whole €', async (arena) => {
      const duel = await arena.duel();
      duel.attacker.send(op.text, Buffer.from('e282', 'hex'), { fin: false });
      duel.attacker.send(op.more, Buffer.from('ac', 'hex'));
      assert.equal(String((await duel.attacker.next()).payload), '€');
      assert.deepEqual(duel.witness.messages, ['€']);
    }),
  ]),
];
