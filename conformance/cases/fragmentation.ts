import type { FrameCase, Step } from '../case.ts';
import { continuation, ping, pong, text } from '../wire/frame.ts';
import { answered, gotPong, gotText, okOrNothing, refused } from './build.ts';

const first = text('fragment1', { fin: false });
const last = continuation('fragment2');
const whole = gotText('fragment1fragment2');
const stray = (fin: boolean): Step => continuation('non-continuation payload', { fin });
const hello = text('Hello, world!');

const ways: readonly [words: string, chop: 'frames' | number | undefined][] = [
  ['one write', undefined],
  ['a write per frame', 'frames'],
  ['byte by byte', 1],
];

/** The same steps, in one write, in a write per frame and byte by byte. */
function threeWays(
  from: number,
  make: (id: string, words: string, more: Pick<FrameCase, 'chop'>) => FrameCase,
): FrameCase[] {
  return ways.map(([words, chop], i) =>
    make(`5.${from + i}`, words, chop === undefined ? {} : { chop }),
  );
}

const five: readonly Step[] = [
  first,
  continuation('fragment2', { fin: false }),
  ping('ping 1'),
  { pause: 1000 },
  continuation('fragment3', { fin: false }),
  continuation('fragment4', { fin: false }),
  ping('ping 2'),
  continuation('fragment5'),
];
const fiveEvents = [
  gotPong('ping 1'),
  gotPong('ping 2'),
  gotText('fragment1fragment2fragment3fragment4fragment5'),
];

/** Group 5: fragmentation (RFC 6455 §5.4). */
export const fragmentationCases: readonly FrameCase[] = [
  refused('5.1', 'ping in two fragments', [ping('fragment1', { fin: false }), last], [1002]),
  refused('5.2', 'pong in two fragments', [pong('fragment1', { fin: false }), last], [1002]),
  ...threeWays(3, (id, words, more) =>
    answered(id, `text in two fragments, ${words}`, [first, last], [whole], more),
  ),
  ...threeWays(6, (id, words, more) =>
    answered(
      id,
      `text in two fragments, a ping between, ${words}`,
      [first, ping('ping'), last],
      [gotPong('ping'), whole],
      more,
    ),
  ),
  ...threeWays(9, (id, words, more) =>
    refused(id, `stray last continuation, then text, ${words}`, [stray(true), hello], [1002], more),
  ),
  ...threeWays(12, (id, words, more) =>
    refused(id, `stray continuation, then text, ${words}`, [stray(false), hello], [1002], more),
  ),
  refused(
    '5.15',
    'text in two fragments, stray continuation, text',
    [first, last, stray(false), hello],
    [1002],
    { outcomes: okOrNothing(whole) },
  ),
  ...[false, true].map((fin, i) =>
    refused(
      `5.${16 + i}`,
      `twice: stray continuation with FIN=${Number(fin)}, text in two fragments`,
      [stray(fin), first, last, stray(fin), first, last],
      [1002],
    ),
  ),
  refused('5.18', 'a text frame inside a fragmented text', [first, text('fragment2')], [1002]),
  answered('5.19', 'text in five fragments with two pings and a pause', five, fiveEvents),
  answered('5.20', 'the same, flushed frame by frame', five, fiveEvents, { chop: 'frames' }),
];
