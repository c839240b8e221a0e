import { Buffer } from 'node:buffer';

import type { FrameCase } from '../case.ts';
import { binary, ping, pong, text } from '../wire/frame.ts';
import { answered, gotBinary, gotPong, gotText, refused } from './build.ts';

const sizes = [0, 125, 126, 127, 128, 65_535, 65_536, 65_536];

function sized(id: string, size: number, isText: boolean, chop?: number): FrameCase {
  const payload = Buffer.alloc(size, isText ? '*' : 0xfe);
  const title = `${isText ? 'text' : 'binary'} of ${size} B${chop ? `, writes of ${chop} B` : ''}`;
  const frame = isText ? text(payload) : binary(payload);
  const event = isText ? gotText(payload) : gotBinary(payload);
  const more = chop === undefined ? {} : { chop, killAfter: 10_000 };
  return answered(id, title, [frame], [event], more);
}

/** Group 1: payload lengths (RFC 6455 §5.2). */
const payloadCases = [true, false].flatMap((isText, i) =>
  sizes.map((size, k) => sized(`1.${i + 1}.${k + 1}`, size, isText, k === 7 ? 997 : undefined)),
);

const odd = Buffer.from('00fffefdfcfb00ff', 'hex');
const full = Buffer.alloc(125, 0xfe);
const ten = Array.from({ length: 10 }, (_, i) => `payload-${i}`);
const tenPings = ten.map((payload) => ping(payload));
const tenPongs = ten.map((payload) => gotPong(payload));

/** Group 2: pings and pongs (RFC 6455 §5.5.2, §5.5.3). */
const pingCases: FrameCase[] = [
  answered('2.1', 'ping without payload', [ping()], [gotPong()]),
  answered('2.2', 'ping with text', [ping('Hello, world!')], [gotPong('Hello, world!')]),
  answered('2.3', 'ping with bytes that are not UTF-8', [ping(odd)], [gotPong(odd)]),
  answered('2.4', 'ping of 125 B', [ping(full)], [gotPong(full)]),
  refused('2.5', 'ping of 126 B', [ping(Buffer.alloc(126, 0xfe))], [1002]),
  answered('2.6', 'ping of 125 B, byte by byte', [ping(full)], [gotPong(full)], { chop: 1 }),
  answered('2.7', 'unsolicited pong', [pong()], [], { closeAfter: 1000 }),
  answered('2.8', 'unsolicited pong with payload', [pong('unasked')], [], { closeAfter: 1000 }),
  answered(
    '2.9',
    'unsolicited pong, then a ping',
    [pong('unasked'), ping('asked')],
    [gotPong('asked')],
    { chop: 'frames' },
  ),
  answered('2.10', 'ten pings back to back', tenPings, tenPongs),
  answered('2.11', 'ten pings, byte by byte', tenPings, tenPongs, { chop: 1 }),
];

/** Groups 1 and 2. */
export const framingCases: readonly FrameCase[] = [...payloadCases, ...pingCases];
