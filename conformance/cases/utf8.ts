import { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Event, FrameCase, Outcome, Step } from '../case.ts';
import type { Link } from '../fuzzer/link.ts';
import { continuation, fragments, text } from '../wire/frame.ts';
import { answered, gotText, refused } from './build.ts';
import { utf8Table } from './utf8-table.ts';

const greeting = Buffer.from('Hello-µ@ßöäüàá-UTF-8!!');
const kosme = Buffer.from('cebae1bdb9cf83cebcceb5', 'hex');
const edited = Buffer.from('656469746564', 'hex');
const surrogate = Buffer.concat([kosme, Buffer.from('eda080', 'hex'), edited]);
const pieces = fragments(text(greeting), 12);

/** 6.1 and 6.2: valid texts, whole and in fragments. */
const validCases: FrameCase[] = [
  answered('6.1.1', 'empty text', [text()], [gotText('')]),
  answered(
    '6.1.2',
    'three empty fragments',
    [text('', { fin: false }), continuation('', { fin: false }), continuation()],
    [gotText('')],
  ),
  answered(
    '6.1.3',
    'an empty, a full and an empty fragment',
    [text('', { fin: false }), continuation('middle', { fin: false }), continuation()],
    [gotText('middle')],
  ),
  answered('6.2.1', 'text in one frame', [text(greeting)], [gotText(greeting)]),
  answered('6.2.2', 'text split on a code point', pieces, [gotText(greeting)]),
  answered('6.2.3', 'text in fragments of 1 B', fragments(text(greeting), 1), [gotText(greeting)]),
  answered('6.2.4', 'another text in fragments of 1 B', fragments(text(kosme), 1), [
    gotText(kosme),
  ]),
];

/** 6.3: a surrogate in the middle. */
const surrogateCases: FrameCase[] = [
  refused('6.3.1', 'a surrogate in one frame', [text(surrogate)], [1007], { fatal: true }),
  refused('6.3.2', 'a surrogate in fragments of 1 B', fragments(text(surrogate), 1), [1007], {
    fatal: true,
  }),
];

const wait = (tag: string): Event => ({ type: 'timeout', tag });
const failFast: Outcome[] = [
  { verdict: 'OK', events: [wait('A')] },
  { verdict: 'NON-STRICT', events: [wait('A'), wait('B')] },
];
const splits: readonly [words: string, parts: readonly [Buffer, Buffer, Buffer]][] = [
  ['the whole sequence', [kosme, Buffer.from('f4908080', 'hex'), edited]],
  [
    'the first impossible byte',
    [
      Buffer.concat([kosme, Buffer.from('f4', 'hex')]),
      Buffer.from('90', 'hex'),
      Buffer.concat([Buffer.from('8080', 'hex'), edited]),
    ],
  ],
];
const pause = (tag: string): Step => ({ pause: 1000, tag });

/** Sends one frame in three parts, a second apart, until the peer ends the connection. */
async function inOneFrame(link: Link, parts: readonly Buffer[]): Promise<void> {
  const bytes = link.encode(text(Buffer.concat(parts)));
  const rest = parts.slice(1).reduce((sum, part) => sum + part.length, 0);
  const second = bytes.length - rest;
  const third = second + (parts[1]?.length ?? 0);
  await link.run([
    { raw: bytes.subarray(0, second) },
    pause('A'),
    { raw: bytes.subarray(second, third) },
    pause('B'),
    { raw: bytes.subarray(third) },
  ]);
  await Promise.race([link.ended, sleep(1000)]);
}

/** 6.4: an impossible sequence a second before the message ends. */
const failFastCases: FrameCase[] = splits.flatMap(([words, parts], i) => [
  refused(
    `6.4.${i + 1}`,
    `fragments a second apart, the second is ${words}`,
    [
      text(parts[0], { fin: false }),
      pause('A'),
      continuation(parts[1], { fin: false }),
      pause('B'),
      continuation(parts[2]),
    ],
    [1007],
    { fatal: true, outcomes: failFast },
  ),
  refused(
    `6.4.${i + 3}`,
    `pieces of one frame a second apart, the second is ${words}`,
    (link) => inOneFrame(link, parts),
    [1007],
    { fatal: true, outcomes: failFast, killAfter: 3000 },
  ),
]);

function oneText(id: string, theme: string, payload: string): FrameCase {
  const isValid = !payload.startsWith('!');
  const bytes = Buffer.from(isValid ? payload : payload.slice(1), 'hex');
  const title = `${theme}: ${isValid ? 'valid' : 'invalid'}`;
  if (isValid) return answered(id, title, [text(bytes)], [gotText(bytes)]);
  return refused(id, title, [text(bytes)], [1007], { fatal: true });
}

/** Group 6: UTF-8 in text messages (RFC 6455 §8.1). */
export const utf8Cases: readonly FrameCase[] = [
  ...validCases,
  ...surrogateCases,
  ...failFastCases,
  ...utf8Table.flatMap(([theme, payloads], i) =>
    payloads.map((payload, k) => oneText(`6.${i + 5}.${k + 1}`, theme, payload)),
  ),
];
