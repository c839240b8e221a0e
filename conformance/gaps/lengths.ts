import { Buffer } from 'node:buffer';

import type { Event, FrameCase, Judgement } from '../case.ts';
import { answered, gotBinary, gotPong, gotText } from '../cases/build.ts';
import { exchange } from '../cases/data.ts';
import type { Link } from '../fuzzer/link.ts';
import { binary, close, continuation, fragments, ping, text } from '../wire/frame.ts';
import type { Frame } from '../wire/frame.ts';
import { broken, failing, headOnly, orGoesOn } from './expect.ts';

const wrongMask = true;
const hello = 'Hello';
const start = text('He', { fin: false });

async function freshKeys(link: Link): Promise<Judgement> {
  for (let i = 0; i < 64; i++) {
    const judgement = await exchange(link, Buffer.from(`message ${i}`), false);
    if (judgement.behavior !== 'OK') return judgement;
  }
  const { keys } = link.incoming;
  const fresh =
    new Set(keys).size > 60 && !keys.every((key) => key.startsWith(keys[0]?.slice(0, 4) ?? ''));
  return {
    behavior: fresh ? 'OK' : 'FAILED',
    note: `${new Set(keys).size} different masking keys`,
  };
}

/** Group 22: masks where they must be, and only there (RFC 6455 §5.1, §5.3). */
const maskingCases: FrameCase[] = [
  broken('22.1', 'a text with the wrong mask bit', 1002, [text(hello, { wrongMask })]),
  broken('22.2', 'an empty text with the wrong mask bit', 1002, [text('', { wrongMask })]),
  broken('22.3', 'a binary with the wrong mask bit', 1002, [binary(hello, { wrongMask })]),
  broken('22.4', 'a ping with the wrong mask bit', 1002, [ping(hello, { wrongMask })]),
  broken('22.5', 'a close with the wrong mask bit', 1002, [close(1000, '', { wrongMask })]),
  broken('22.6', 'a last fragment with the wrong mask bit', 1002, [
    start,
    continuation('llo', { wrongMask }),
  ]),
  broken(
    '22.7',
    'a good text, then one with the wrong mask bit',
    1002,
    [text(hello), text(hello, { wrongMask })],
    { outcomes: [...failing(1002, [gotText(hello)]), ...failing(1002).slice(1)] },
  ),
  broken(
    '22.8',
    'the first two bytes of a frame with the wrong mask bit',
    1002,
    headOnly(text(hello, { wrongMask }), 2),
  ),
  answered(
    '22.9',
    'the masking key 00000000',
    [text(hello, { key: Buffer.alloc(4) })],
    [gotText(hello)],
  ),
  {
    ...answered('22.10', 'a masking key of its own for every frame', freshKeys, []),
    roles: ['client'],
    killAfter: 5000,
  },
];

type Form = readonly [form: 16 | 64, size: number];
const forms: readonly Form[] = [
  [16, 0],
  [16, 1],
  [16, 125],
  [64, 0],
  [64, 125],
  [64, 126],
  [64, 65_535],
];

function longForm(
  id: string,
  words: string,
  make: (payload: Buffer, form: 16 | 64) => Frame[],
  event: (payload: Buffer) => Event,
  [form, size]: Form,
): FrameCase {
  const payload = Buffer.alloc(size, 'a');
  const outcomes = [...failing(1002), orGoesOn(event(payload))];
  const title = `${words} of ${size} B with its length in ${form} bits`;
  return broken(id, title, 1002, make(payload, form), { outcomes });
}

/** 23.1 to 23.3: lengths not in their shortest form (RFC 6455 §5.2). */
const minimalCases: FrameCase[] = forms.flatMap((form, i) => [
  longForm(`23.1.${i + 1}`, 'text', (payload, form) => [text(payload, { form })], gotText, form),
  longForm(
    `23.2.${i + 1}`,
    'binary',
    (payload, form) => [binary(payload, { form })],
    gotBinary,
    form,
  ),
  longForm(
    `23.3.${i + 1}`,
    'last fragment',
    (payload, form) => [text('b', { fin: false }), continuation(payload, { form })],
    (payload) => gotText(`b${payload.toString()}`),
    form,
  ),
]);

const topBits = ['8000000000000000', '8000000000000001', 'ffffffffffffffff'];
const huge = [2n ** 53n, 2n ** 53n + 1n, 2n ** 62n];
const waits = {
  verdict: 'NON-STRICT',
  events: [],
  ending: { by: 'fuzzer', codes: [], clean: false },
} as const;

/** 23.4 and 23.5: lengths no message can have. */
const impossibleCases: FrameCase[] = [
  ...topBits.map((hex, i) =>
    broken(
      `23.4.${i + 1}`,
      `length ${hex}`,
      1002,
      headOnly(binary('', { form: 64, declared: BigInt(`0x${hex}`) })),
      { outcomes: failing(1002, [], 1009) },
    ),
  ),
  ...huge.map((declared, i) =>
    broken(
      `23.5.${i + 1}`,
      `length ${declared}`,
      1009,
      headOnly(binary('', { form: 64, declared })),
      { outcomes: [...failing(1009), waits] },
    ),
  ),
];

const limit = 65_536;
const setup = 'limited';
const full = Buffer.alloc(limit, 'a');
const over = Buffer.alloc(limit + 1, 'a');

/** 23.6: the limit on messages, here 65,536 B, judged from the header (RFC 6455 §7.4.1). */
const limitCases: FrameCase[] = [
  answered('23.6.1', 'a text of exactly the limit', [text(full)], [gotText(full)], { setup }),
  answered(
    '23.6.2',
    'fragments that are exactly the limit',
    fragments(binary(full), 10_000),
    [gotBinary(full)],
    { setup },
  ),
  broken('23.6.3', 'a text of one byte more', 1009, [text(over)], { setup }),
  broken('23.6.4', 'fragments of one byte more', 1009, fragments(binary(over), 10_000), { setup }),
  broken(
    '23.6.5',
    'only the header of a text of one byte more',
    1009,
    headOnly(text('', { declared: BigInt(limit + 1) })),
    { setup, outcomes: [...failing(1009), waits] },
  ),
  broken(
    '23.6.6',
    'only the header of a fragment that goes over the limit',
    1009,
    async (link) => {
      link.send(text(full.subarray(1), { fin: false }));
      await headOnly(continuation('', { declared: 2n }))(link);
    },
    { setup, outcomes: [...failing(1009), waits] },
  ),
  answered(
    '23.6.7',
    'a ping between fragments does not count',
    [text(full.subarray(1), { fin: false }), ping(full.subarray(0, 125)), continuation('a')],
    [gotPong(full.subarray(0, 125)), gotText(full)],
    { setup },
  ),
];

/** Groups 22 and 23: masking, lengths and limits. */
export const lengthGapCases: readonly FrameCase[] = [
  ...maskingCases,
  ...minimalCases,
  ...impossibleCases,
  ...limitCases,
];
