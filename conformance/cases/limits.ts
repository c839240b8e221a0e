import { Buffer } from 'node:buffer';

import type { FrameCase, Judgement } from '../case.ts';
import type { Link } from '../fuzzer/link.ts';
import { binary, fragments, text } from '../wire/frame.ts';
import { answered, gotText } from './build.ts';
import { echoed, exchange } from './data.ts';

const kib = 1024;
const mib = kib * kib;

interface Shape {
  /** Bytes of payload in a frame, of bytes in a TCP write, and the limit in ms. */
  readonly fragment?: number;
  readonly chop?: number;
  readonly killAfter: number;
}

function payloadOf(size: number, isText: boolean): Buffer {
  return Buffer.alloc(size, isText ? 'BAsd7&jh23' : Buffer.from('00fefdfc7f80', 'hex'));
}

/** One message, and its echo compared byte by byte. */
function large(id: string, title: string, size: number, isText: boolean, shape: Shape): FrameCase {
  const { fragment, chop = 262_144, killAfter } = shape;
  const play = async (link: Link): Promise<Judgement> => {
    const payload = payloadOf(size, isText);
    const frame = isText ? text(payload) : binary(payload);
    const frames = fragment === undefined ? [frame] : fragments(frame, fragment);
    await link.writeChopped(Buffer.concat(frames.map((one) => link.encode(one))), chop);
    return echoed(await link.take(), payload, !isText);
  };
  const words = `${isText ? 'text' : 'binary'} of ${title}`;
  return answered(id, words, play, [], { heavy: true, killAfter });
}

/** Many messages, one after the other. */
function many(id: string, size: number, isText: boolean): FrameCase {
  const play = async (link: Link): Promise<Judgement> => {
    const payload = payloadOf(size, isText);
    for (let i = 0; i < 1000; i++) {
      const judgement = await exchange(link, payload, !isText);
      if (judgement.behavior !== 'OK') return judgement;
    }
    return { behavior: 'OK', note: '1000 messages' };
  };
  const title = `1000 ${isText ? 'texts' : 'binaries'} of ${size} B`;
  return answered(id, title, play, [], { heavy: true, killAfter: 120_000 });
}

const sizes = [64 * kib, 256 * kib, mib, 4 * mib, 8 * mib, 16 * mib];
const frameSizes = [64, 256, kib, 4 * kib, 16 * kib, 64 * kib, 256 * kib, mib, 4 * mib];
const writes = [64, 128, 256, 512, 1024, 2048];
const messages = [0, 16, 64, 256, 1024, 4096];

/** The cases of group 9 for one type; text has the odd subgroups. */
function group9(isText: boolean): FrameCase[] {
  const shift = isText ? 0 : 1;
  return [
    ...sizes.map((size, i) =>
      large(`9.${1 + shift}.${i + 1}`, `${size} B in one frame`, size, isText, {
        killAfter: i < 4 ? 10_000 : 100_000,
      }),
    ),
    ...frameSizes.map((fragment, i) =>
      large(`9.${3 + shift}.${i + 1}`, `4 MiB in fragments of ${fragment} B`, 4 * mib, isText, {
        fragment,
        killAfter: 100_000,
      }),
    ),
    ...writes.map((chop, i) =>
      large(`9.${5 + shift}.${i + 1}`, `1 MiB in TCP writes of ${chop} B`, mib, isText, {
        chop,
        killAfter: 1_000_000,
      }),
    ),
    ...messages.map((size, i) => many(`9.${7 + shift}.${i + 1}`, size, isText)),
  ];
}

const auto = Buffer.alloc(65_536, '*');

/** Groups 9 and 10: large messages, many frames, many messages. */
export const limitCases: readonly FrameCase[] = [
  ...group9(true),
  ...group9(false),
  answered(
    '10.1.1',
    'text of 65536 B in fragments of 1300 B',
    fragments(text(auto), 1300),
    [gotText(auto)],
    { killAfter: 10_000 },
  ),
];
