import { Buffer } from 'node:buffer';

import type { Event, FrameCase, Judgement, Outcome, Step } from '../case.ts';
import { answered, gotPong, gotText } from '../cases/build.ts';
import { exchange } from '../cases/data.ts';
import type { Link } from '../fuzzer/link.ts';
import { deflated, deflatedFinal } from '../wire/deflate.ts';
import { binary, continuation, fragments, ping, text } from '../wire/frame.ts';
import type { Frame } from '../wire/frame.ts';
import { broken, failing, orGoesOn } from './expect.ts';

const deflate = [{}];
const rsv = 4;
const hello = 'Hello';
const packed = deflated(hello);
const compressed = (payload: Buffer | string): Frame => text(deflated(payload), { rsv });
const hex = (digits: string): Frame => text(Buffer.from(digits, 'hex'), { rsv });

function fine(id: string, title: string, play: readonly Step[], ...events: Event[]): FrameCase {
  return answered(id, title, play, events, { deflate });
}

const split = Buffer.from('Käse für 3 €');
const blocks = 'f24805000000ffffcac9c90700';

/** 26.1: messages of every lawful shape (RFC 7692 §7.2.3). */
const lawfulCases: FrameCase[] = [
  fine('26.1.1', 'compressed', [hex('f248cdc9c90700')], gotText(hello)),
  fine('26.1.2', 'not compressed', [text(hello)], gotText(hello)),
  fine(
    '26.1.3',
    'compressed, plain, compressed',
    [compressed('a'), text('b'), compressed('c')],
    gotText('a'),
    gotText('b'),
    gotText('c'),
  ),
  fine('26.1.4', 'a stored block', [hex('000500faff48656c6c6f00')], gotText(hello)),
  fine('26.1.5', 'a last block (BFINAL)', [hex('f348cdc9c9070000')], gotText(hello)),
  fine(
    '26.1.6',
    'a last block, then a usual message',
    [hex('f348cdc9c9070000'), compressed('again')],
    gotText(hello),
    gotText('again'),
  ),
  fine('26.1.7', 'two blocks', [hex(blocks)], gotText(hello)),
  fine('26.1.8', 'two blocks in fragments of 1 B', fragments(hex(blocks), 1), gotText(hello)),
  fine('26.1.9', 'empty: 00', [hex('00'), compressed('after')], gotText(''), gotText('after')),
  fine(
    '26.1.10',
    'empty: 02 00',
    [hex('0200'), compressed('after')],
    gotText(''),
    gotText('after'),
  ),
  fine(
    '26.1.11',
    'empty: a last block',
    [hex('030000'), compressed('after')],
    gotText(''),
    gotText('after'),
  ),
  fine(
    '26.1.12',
    'empty: not compressed',
    [text(), compressed('after')],
    gotText(''),
    gotText('after'),
  ),
  fine(
    '26.1.13',
    'empty fragments around the compressed bytes',
    [text('', { rsv, fin: false }), continuation(packed, { fin: false }), continuation()],
    gotText(hello),
  ),
  fine(
    '26.1.14',
    'a code point over two compressed fragments',
    fragments(compressed(split), 1),
    gotText(split),
  ),
  fine(
    '26.1.15',
    'pings between compressed fragments',
    [
      text(packed.subarray(0, 2), { rsv, fin: false }),
      ping('1'),
      continuation(packed.subarray(2, 4), { fin: false }),
      ping('2'),
      continuation(packed.subarray(4)),
    ],
    gotPong('1'),
    gotPong('2'),
    gotText(hello),
  ),
  fine(
    '26.1.16',
    'a text of one last block, in fragments of 1 B',
    fragments(text(deflatedFinal(split), { rsv }), 1),
    gotText(split),
  ),
  { ...fine('26.1.17', 'byte by byte', [compressed(split)], gotText(split)), chop: 1 },
];

async function turns(link: Link): Promise<Judgement> {
  for (let i = 0; i < 50; i++) {
    const payload = Buffer.from(`the same words again and again, ${i} `.repeat(1 + i * 7));
    const judgement = await exchange(link, payload, i % 2 === 1, i % 3 === 0 ? 11 : undefined);
    if (judgement.behavior !== 'OK') return judgement;
  }
  return { behavior: 'OK', note: '50 messages' };
}

/** 26.2: one history of compressed messages, as agreed (RFC 7692 §7.2.3.2). */
const historyCases: FrameCase[] = [
  answered('26.2.1', '50 messages of growing size, whole and in fragments', turns, [], {
    deflate,
    killAfter: 10_000,
  }),
  answered('26.2.2', 'the same without context takeover', turns, [], {
    deflate: [{ noContextTakeover: true }],
    killAfter: 10_000,
  }),
];

const pangram = deflated(
  'The quick brown fox jumps over the lazy dog; sphinx of black quartz, judge my vow!',
);
const badUtf8 = Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex');

/** 26.3: data that do not inflate, and texts that are none (RFC 7692 §7.2.2, RFC 6455 §8.1). */
const corruptCases: FrameCase[] = [
  ...(
    [
      ['a stored block with a wrong length', hex('0005000000')],
      ['a reserved block type', hex('0700')],
      ['a distance beyond the start', hex('4b04620000')],
      ['random bytes', hex('fffefdfcfbfaf9f8f7f6f5f4')],
      ['a dynamic block with impossible code lengths', hex('04feff')],
    ] as const
  ).map(([title, frame], i) =>
    broken(`26.3.${i + 1}`, title, 1007, [frame], {
      deflate,
      outcomes: failing(1007, [], 1002, 1003),
    }),
  ),
  broken(
    '26.3.6',
    'a text cut in its first block',
    1007,
    [text(pangram.subarray(0, 40), { rsv })],
    { deflate, outcomes: failing(1007, [], 1002) },
  ),
  broken('26.3.7', 'a bad message behind a good one', 1007, [compressed(hello), hex('0700')], {
    deflate,
    outcomes: failing(1007, [gotText(hello)], 1002),
  }),
  broken('26.3.8', 'bad UTF-8 inside', 1007, [compressed(badUtf8)], { deflate }),
  broken(
    '26.3.9',
    'bad UTF-8 inside, in fragments of 1 B',
    1007,
    fragments(compressed(badUtf8), 1),
    { deflate },
  ),
  broken(
    '26.3.10',
    'a text that ends inside a code point',
    1007,
    [compressed(split.subarray(0, -1))],
    { deflate },
  ),
  broken('26.3.11', 'no bytes at all, compressed', 1007, [text('', { rsv })], {
    deflate,
    outcomes: [...failing(1007, [], 1002), { ...orGoesOn(gotText('')), verdict: 'OK' }],
  }),
  broken(
    '26.3.12',
    'a text cut where the rest looks like more of its block',
    1007,
    [text(pangram.subarray(0, 15), { rsv })],
    { deflate, outcomes: [...failing(1007, [], 1002), orGoesOn(gotText(''))] },
  ),
];

const limited = { deflate, setup: 'limited' } as const;
const zeros = (size: number): Buffer => deflated(Buffer.alloc(size));

function bomb(id: string, size: number, ...frames: Frame[]): FrameCase {
  const play = frames.length > 0 ? frames : [binary(zeros(size), { rsv })];
  const how = frames.length > 1 ? ' in fragments' : '';
  return broken(id, `${size} zeros, limit 65536${how}`, 1009, play, limited);
}

const atLimit: Outcome[] = [
  { verdict: 'OK', events: [{ type: 'message', payload: Buffer.alloc(65_536), binary: true }] },
];

/** 26.4: messages whose size shows only when they are inflated. */
const bombCases: FrameCase[] = [
  {
    ...answered(
      '26.4.1',
      'zeros of exactly the limit',
      [binary(zeros(65_536), { rsv })],
      [],
      limited,
    ),
    outcomes: atLimit,
  },
  bomb('26.4.2', 65_537),
  bomb('26.4.3', 1_048_576),
  bomb('26.4.4', 33_554_432),
  bomb('26.4.5', 1_048_576, ...fragments(binary(zeros(1_048_576), { rsv }), 100)),
];

/** Group 26: data of permessage-deflate, lawful and not. */
export const deflateGapCases: readonly FrameCase[] = [
  ...lawfulCases,
  ...historyCases,
  ...corruptCases,
  ...bombCases,
];
