import type { FrameCase } from '../case.ts';
import { gotText } from '../cases/build.ts';
import { deflated } from '../wire/deflate.ts';
import { close, continuation, ping, pong, text } from '../wire/frame.ts';
import { broken, failing } from './expect.ts';

const deflate = [{}];
const rsv = 4;
const hello = 'Hello';
const packed = deflated(hello);

/** Group 25: RSV bits while permessage-deflate is in use (RFC 7692 §6.1). */
export const deflateRsvCases: readonly FrameCase[] = [
  broken(
    '25.1',
    'RSV1 on a continuation',
    1002,
    [text(packed.subarray(0, 3), { rsv, fin: false }), continuation(packed.subarray(3), { rsv })],
    { deflate },
  ),
  broken(
    '25.2',
    'RSV1 only on a continuation',
    1002,
    [text('Hel', { fin: false }), continuation('lo', { rsv })],
    { deflate },
  ),
  broken('25.3', 'RSV1 on a ping', 1002, [ping(hello, { rsv })], { deflate }),
  broken('25.4', 'RSV1 on a pong', 1002, [pong(hello, { rsv })], { deflate }),
  broken('25.5', 'RSV1 on a close', 1002, [close(1000, '', { rsv })], { deflate }),
  ...[1, 2, 3, 5, 6, 7].map((bits, i) =>
    broken(
      `25.${6 + i}`,
      `a compressed text with RSV ${bits}`,
      1002,
      [text(packed, { rsv: bits })],
      { deflate },
    ),
  ),
  broken(
    '25.12',
    'a good compressed text, then RSV2',
    1002,
    [text(packed, { rsv }), text(hello, { rsv: 2 })],
    // The echo may still be with the compressor when the connection fails.
    { deflate, outcomes: [...failing(1002, [gotText(hello)]), ...failing(1002)] },
  ),
];
