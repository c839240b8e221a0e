import { Buffer } from 'node:buffer';

import type { FrameCase, Judgement } from '../case.ts';
import { answered, failsWith, gotBinary, gotPong, gotText } from '../cases/build.ts';
import type { Link } from '../fuzzer/link.ts';
import { binary, continuation, frame, opcodes, ping, pong, text } from '../wire/frame.ts';
import type { Frame } from '../wire/frame.ts';
import { broken, headOnly } from './expect.ts';

const controls = [
  ['close', opcodes.close],
  ['ping', opcodes.ping],
  ['pong', opcodes.pong],
] as const;

type Row = readonly [title: string, payload: string, extra: Partial<Frame>, size: number];

const rows: readonly Row[] = [
  ['the two bytes that announce 16 bits of length', '', { form: 16, declared: 126n }, 2],
  ['the two bytes that announce 64 bits of length', '', { form: 64, declared: 126n }, 2],
  ['5 B with the length in 16 bits', 'Hello', { form: 16 }, 20],
  ['5 B with the length in 64 bits', 'Hello', { form: 64 }, 20],
  ['the two bytes of a fragment', '', { fin: false }, 2],
];

/** 24.1: control frames with a long length form, or a length over 125 (RFC 6455 §5.5). */
const lengthCases: FrameCase[] = controls.flatMap(([name, opcode], i) =>
  rows.map(([title, payload, extra, size], k) =>
    broken(
      `24.1.${i + 1}.${k + 1}`,
      `${name}: ${title}`,
      1002,
      headOnly(frame(opcode, payload, extra), size),
    ),
  ),
);

const words = ['one ', 'two ', 'three ', 'four ', 'five'];
const whole = words.join('');
const pieces = words.map((word, i) => {
  const fin = i === words.length - 1;
  return i === 0 ? text(word, { fin }) : continuation(word, { fin });
});

/** 24.2: a ping at every position of a fragmented message (RFC 6455 §5.4). */
const positionCases: FrameCase[] = Array.from({ length: pieces.length + 1 }, (_, at) => {
  const play = [...pieces.slice(0, at), ping('ping'), ...pieces.slice(at)];
  const events =
    at === pieces.length ? [gotText(whole), gotPong('ping')] : [gotPong('ping'), gotText(whole)];
  return answered(`24.2.${at + 1}`, `a ping behind fragment ${at} of 5`, play, events);
});

/**
 * Every ping is answered; answering only the last (RFC 6455 §5.5.3), or dropping a peer that pings
 * so much, is tolerated.
 */
async function hundredPings(link: Link): Promise<Judgement> {
  const names = Array.from({ length: 100 }, (_, i) => `ping ${i}`);
  link.send(...names.map((name) => ping(name)), text('end'));
  const got: string[] = [];
  while (!got.includes('end')) {
    const event = await link.take();
    if (event === undefined || event.type === 'timeout') break;
    got.push(event.payload.toString());
  }
  const all = got.join() === [...names, 'end'].join();
  const last = got.includes('ping 99') && got.includes('end');
  if (all || last) return { behavior: all ? 'OK' : 'NON-STRICT', note: `${got.length} answers` };
  const inOrder = got.length > 0 && got.join() === names.slice(0, got.length).join();
  const note = `${got.length} of 100 pongs, then the end`;
  return { behavior: inOrder ? 'NON-STRICT' : 'FAILED', note, ending: failsWith(1008) };
}

/** 24.3: pings and pongs elsewhere. */
const otherCases: FrameCase[] = [
  answered('24.3.1', 'a hundred pings and a text in one write', hundredPings, [], {
    killAfter: 5000,
  }),
  answered(
    '24.3.2',
    'pings between the fragments of a binary, byte by byte',
    [
      binary('a', { fin: false }),
      ping('1'),
      continuation('b', { fin: false }),
      ping('2'),
      continuation('c'),
    ],
    [gotPong('1'), gotPong('2'), gotBinary('abc')],
    { chop: 1 },
  ),
  answered(
    '24.3.3',
    'unsolicited pongs between fragments',
    [
      text('a', { fin: false }),
      pong('x'),
      continuation('b', { fin: false }),
      pong(),
      continuation('c'),
    ],
    [gotText('abc')],
  ),
  answered(
    '24.3.4',
    'a ping whose payload looks like a frame',
    [ping(Buffer.from('8105', 'hex')), text('after')],
    [gotPong(Buffer.from('8105', 'hex')), gotText('after')],
  ),
];

/** Group 24: control frames (RFC 6455 §5.5). */
export const controlGapCases: readonly FrameCase[] = [
  ...lengthCases,
  ...positionCases,
  ...otherCases,
];
