import { Buffer } from 'node:buffer';

import type { FrameCase } from '../case.ts';
import { binary, close, frame, ping, text } from '../wire/frame.ts';
import { gotText, okOrNothing, refused } from './build.ts';

const hello = 'Hello, world!';
const behindHello = { outcomes: okOrNothing(gotText(hello)) };

/** Group 3: RSV bits without an extension (RFC 6455 §5.2). */
const rsvCases: FrameCase[] = [
  refused('3.1', 'text with RSV 1', [text(hello, { rsv: 1 })], [1002]),
  refused(
    '3.2',
    'text, text with RSV 2, ping',
    [text(hello), text(hello, { rsv: 2 }), ping()],
    [1002],
    behindHello,
  ),
  refused(
    '3.3',
    'text, text with RSV 3, ping, a write per frame',
    [text(hello), text(hello, { rsv: 3 }), ping()],
    [1002],
    { ...behindHello, chop: 'frames' },
  ),
  refused(
    '3.4',
    'text, text with RSV 4, ping, byte by byte',
    [text(hello), text(hello, { rsv: 4 }), ping()],
    [1002],
    { ...behindHello, chop: 1 },
  ),
  refused('3.5', 'binary with RSV 5', [binary(Buffer.alloc(8, 0xfe), { rsv: 5 })], [1002]),
  refused('3.6', 'ping with RSV 6', [ping(hello, { rsv: 6 })], [1002]),
  refused('3.7', 'close with RSV 7', [close(1000, '', { rsv: 7 })], [1002]),
];

function reserved(id: string, opcode: number, payload: string): FrameCase {
  return refused(id, `opcode ${opcode}`, [frame(opcode, payload)], [1002]);
}

function reservedBehind(id: string, opcode: number, payload: string): FrameCase {
  const play = [text(hello), frame(opcode, payload), ping()];
  return refused(id, `text, opcode ${opcode}, ping`, play, [1002], behindHello);
}

/** Groups 3 and 4: reserved bits and opcodes (RFC 6455 §5.2). */
export const reservedCases: readonly FrameCase[] = [
  ...rsvCases,
  ...[3, 11].flatMap((first, i) => [
    reserved(`4.${i + 1}.1`, first, ''),
    reserved(`4.${i + 1}.2`, first + 1, 'reserved'),
    reservedBehind(`4.${i + 1}.3`, first + 2, ''),
    reservedBehind(`4.${i + 1}.4`, first + 3, hello),
    reservedBehind(`4.${i + 1}.5`, first + 4, hello),
  ]),
];
