import assert from 'node:assert/strict';
import { deflateRawSync } from 'node:zlib';

import type { Target } from '../harness/arena.ts';
import { leastCpu } from '../harness/cost.ts';
import { bomb, deflated, rsv1 } from '../harness/deflated.ts';
import { failing } from '../harness/failing.ts';
import { closeBody, op } from '../harness/frames.ts';
import { Inflaters } from '../harness/inflaters.ts';
import { against, type Input, row } from '../harness/row.ts';
import { fails } from '../harness/verdict.ts';
import { memory } from '../harness/vitals.ts';

const both: readonly Target[] = ['deflate', 'client deflate'];
const mebibyte = 1_048_576;

const storedBlock = Buffer.from('0005000000aabbccddee', 'hex');
// The first block has type 3, which RFC 1951 §3.2.3 reserves.
const noise = Buffer.from('ff17a3d86b40119ce2', 'hex');

/** The head of a literal-heavy stream, cut inside its Huffman tables. */
function truncated(): Buffer {
  const bytes = Buffer.from(Array.from({ length: 4_000 }, (_, at) => (at * at * 31 + at) % 97));
  return deflated(bytes).subarray(0, 20);
}

/** How long an error may come after its stream was given up, in milliseconds. */
const LATE = 500;

const corruptRows = [
  row('CP-07', 'bytes that are not deflated', '1007, and no late error', [
    failing(both, 'a corrupt stored block', 1007, ({ attacker }) =>
      attacker.send(op.text, storedBlock, rsv1),
    ),
    failing(both, 'random bytes', 1007, ({ attacker }) => attacker.send(op.binary, noise, rsv1)),
    failing(both, 'a stream that is cut off', 1007, ({ attacker }) =>
      attacker.send(op.binary, truncated(), rsv1),
    ),
    failing(both, 'text that is not UTF-8 when inflated', 1007, ({ attacker }) => {
      attacker.send(op.text, deflated(Buffer.from('c080', 'hex')), rsv1);
    }),
    against(both, 'random bytes, and the socket gone at once', async (arena) => {
      const { attacker, witness } = await arena.duel();
      attacker.write(
        attacker.frame(op.binary, noise, rsv1),
        attacker.frame(op.binary, noise, rsv1),
      );
      await attacker.flushed();
      attacker.destroy();
      await witness.closed(2_000);
    }),
    against(both, '20 times each, then a wait for late errors', async (arena) => {
      const inflaters = new Inflaters();
      arena.after(() => inflaters.stop());
      for (let count = 0; count < 20; count++) {
        for (const payload of [storedBlock, noise, truncated()]) {
          const { attacker, witness } = await arena.duel();
          attacker.send(op.binary, payload, rsv1);
          assert.equal(await attacker.closeCode(), 1007);
          attacker.socket.end();
          await witness.closed(1_100);
        }
      }
      const { seen } = inflaters;
      await new Promise((resolve) => setTimeout(resolve, LATE));
      assert.ok(seen.length >= 60, `${seen.length} inflaters were seen`);
      assert.ok(
        seen.every(({ destroyed }) => destroyed),
        'every inflater was destroyed',
      );
    }),
  ]),
  row('CP-15', 'RSV1 where it has no meaning', '1002', [
    (['ping', 'pong', 'close'] as const).flatMap((name) =>
      failing(both, `on a ${name}`, 1002, ({ attacker }) => {
        attacker.send(op[name], name === 'close' ? closeBody(1000) : 'x', rsv1);
      }),
    ),
    failing(both, 'on a continuation', 1002, ({ attacker }) => {
      const payload = deflated('Hello');
      attacker.send(op.text, payload.subarray(0, 2), { ...rsv1, fin: false });
      attacker.send(op.more, payload.subarray(2), rsv1);
    }),
    against(['plain', 'client'], 'on a text where nothing was negotiated', async (arena) => {
      const duel = await arena.duel();
      duel.attacker.send(op.text, deflated('Hello'), rsv1);
      await fails(arena, duel, 1002);
    }),
  ]),
];

/** Output up to which any ratio passes, and the most that zlib gives at a time, in bytes. */
const freeOutput = 65_536;
const piece = 65_536;
const limits = { deflate: mebibyte, 'client deflate': 16 * mebibyte } as const;

/** A bomb that is given up for its ratio, or where any ratio is allowed for its size. */
function bombs(target: keyof typeof limits, mebibytes: number, anyRatio: boolean): Input[] {
  const name = `${mebibytes} MiB of zeros in as many KB${anyRatio ? ', any ratio' : ''}`;
  return against([target], name, async (arena) => {
    const compression = anyRatio ? { maxRatio: Infinity } : true;
    const duel =
      target === 'deflate' && anyRatio
        ? await arena.duelWith(await arena.open({ deflate: compression }))
        : await arena.duel(target === 'deflate' ? {} : { compression });
    const payload = bomb(mebibytes);
    const before = memory().rss;
    const inflaters = new Inflaters();
    arena.after(() => inflaters.stop());
    duel.attacker.send(op.binary, payload, rsv1);
    await fails(arena, duel, 1009);
    const inflated = inflaters.most;
    const extra = anyRatio ? limits[target] - mebibyte : 0;
    arena.figure('RSS', (memory().rss - before - extra) / mebibyte, 4, 'MiB');
    // What was allowed, and the piece of output that was too much.
    const most = (anyRatio ? limits[target] : freeOutput) + piece;
    arena.figure('inflated, over what may be', inflated / most, 1, '');
    assert.ok(inflated <= most, `${inflated} bytes were inflated`);
    assert.deepEqual(duel.witness.messages, []);
  });
}

const bombRows = [
  row('CP-01', 'a bomb far above the size limit', '1009, output limited while it is produced', [
    bombs('deflate', 99, false),
    bombs('deflate', 99, true),
    bombs('client deflate', 199, false),
    bombs('client deflate', 199, true),
  ]),
  row('CP-05', 'many tiny compressed messages', 'each handled, at a bounded price', [
    against(['deflate'], 'messages of 9 compressed bytes', async (arena) => {
      const { attacker, witness } = await arena.duel();
      const count = arena.full ? 20_000 : 1_000;
      const one = attacker.frame(op.text, deflated('Hello!!'), rsv1);
      const before = process.cpuUsage();
      attacker.write(...Array<Buffer>(count).fill(one));
      for (let received = 0; received < count; received++) await attacker.next(60_000);
      const { user, system } = process.cpuUsage(before);
      arena.figure(
        'CPU per message, its echo and the attacker',
        (user + system) / count,
        Infinity,
        'µs',
      );
      assert.equal(witness.messages.length, count);
      attacker.frames.length = 0;
    }),
  ]),
];

const streamRows = [
  row('CP-09', 'a message that ends its deflate stream, then a normal one', 'both intact', [
    against(both, 'BFINAL and an empty block', async (arena) => {
      const { attacker, witness } = await arena.duel();
      const final = Buffer.concat([deflateRawSync('Hello'), Buffer.from([0])]);
      attacker.send(op.text, final, rsv1);
      attacker.send(op.text, deflated('again'), rsv1);
      await attacker.next();
      await attacker.next();
      assert.deepEqual(witness.messages, ['Hello', 'again']);
    }),
    against(both, 'BFINAL and nothing behind it', async (arena) => {
      const { attacker, witness } = await arena.duel();
      attacker.send(op.text, deflateRawSync('Hello'), rsv1);
      attacker.send(op.text, deflated('again'), rsv1);
      await attacker.next();
      await attacker.next();
      assert.deepEqual(witness.messages, ['Hello', 'again']);
    }),
  ]),
];

const badOffers = [
  'server_max_window_bits=7',
  'server_max_window_bits=16',
  'server_max_window_bits=1e1',
  'server_max_window_bits=010',
  'server_max_window_bits=""',
  'server_no_context_takeover; server_no_context_takeover',
  'unknown_parameter',
];

function offering(name: string, offer: string, extended: boolean): Input[] {
  return against(['deflate'], name, async (arena) => {
    const { answer } = await arena.request({ 'Sec-WebSocket-Extensions': offer });
    assert.equal(answer.status, 101);
    assert.equal(answer.headers.has('sec-websocket-extensions'), extended);
  });
}

/** An offer that is dealt with in less time than the loop may stand still for it. */
function costingOffer(name: string, offer: string): Input[] {
  return against(['deflate'], name, async (arena) => {
    const cost = await leastCpu(arena.full ? 10 : 1, async () => {
      const { answer } = await arena.request({ 'Sec-WebSocket-Extensions': offer });
      assert.ok([101, 431].includes(answer.status), String(answer.status));
      arena.notes.push(`${name}: ${answer.status}`);
    });
    arena.figure('request and answer', cost, 5, 'ms of CPU');
  });
}

const same = (count: number): string => Array(count).fill('permessage-deflate').join(', ');
const parameters = Array.from({ length: 100 }, (_, index) => `p${index}=1`).join('; ');

const offerRows = [
  row('CP-11', 'offers with bad parameters', '101 without the extension', [
    badOffers.flatMap((offer) => offering(offer, `permessage-deflate; ${offer}`, false)),
    offering(
      'a bad offer and a good one behind it',
      `permessage-deflate; ${badOffers[0]}, permessage-deflate`,
      true,
    ),
  ]),
  row('CP-13', 'very long offers', '101 or 431 at once', [
    costingOffer('700 identical offers', same(700)),
    costingOffer('400 identical offers, which fit into a line', same(400)),
    costingOffer('100 parameters', `permessage-deflate; ${parameters}`),
  ]),
];

/** Rows about permessage-deflate. */
export const deflateRows = [...bombRows, ...corruptRows, ...streamRows, ...offerRows];
