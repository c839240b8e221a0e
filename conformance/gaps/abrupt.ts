import { Buffer } from 'node:buffer';

import type { Behavior, FrameCase, Judgement } from '../case.ts';
import type { Link } from '../fuzzer/link.ts';
import { timers } from '../fuzzer/timers.ts';
import { deflated } from '../wire/deflate.ts';
import { continuation, text } from '../wire/frame.ts';
import type { Frame } from '../wire/frame.ts';
import { watched } from './expect.ts';

const say = (behavior: Behavior, note: string): Judgement => ({ behavior, note });
const isOver = (link: Link) => (): boolean => link.finished || link.gone;

/** The socket is gone at the other end when writing to it resets it. */
async function isGone(link: Link, within: number): Promise<boolean> {
  return link.until(() => {
    link.write(Buffer.from([0]));
    return link.gone || link.socket.destroyed || link.socket.errored !== null;
  }, within);
}

/** Breaks a rule, stays silent, and watches for Close, FIN and the end of the socket. */
function silentAfter(
  id: string,
  title: string,
  code: number,
  frame: Frame,
  more: Partial<FrameCase> = {},
): FrameCase {
  return watched(
    id,
    `${title}, then silence`,
    async (link) => {
      link.passive = true;
      link.send(frame);
      const closed = await link.until(() => link.peerClose !== undefined || isOver(link)(), 1000);
      const got = link.peerClose?.code;
      if (!closed) return say('FAILED', 'neither a Close nor an end within 1 s');
      if (got !== undefined && got !== code) return say('FAILED', `Close ${got}`);
      if (!(await link.until(isOver(link), 300 * timers.patience))) {
        return say('NON-STRICT', `Close ${got}, but no FIN at once`);
      }
      if (!(await isGone(link, 1300 * timers.patience))) {
        return say('NON-STRICT', `Close ${got} and FIN, but its socket stays for a silent peer`);
      }
      return say(got === code ? 'OK' : 'NON-STRICT', `Close ${got}, FIN, gone`);
    },
    more,
  );
}

/** 28.4: failing the connection does not wait for the peer (RFC 6455 §7.1.7). */
const failingCases = [
  silentAfter('28.4.1', 'RSV1', 1002, text('a', { rsv: 4 })),
  silentAfter('28.4.2', 'bad UTF-8', 1007, text(Buffer.from('c0af', 'hex'))),
  silentAfter('28.4.3', 'a continuation of nothing', 1002, continuation('a')),
  silentAfter('28.4.4', 'a message over the limit', 1009, text('', { declared: 65_537n }), {
    setup: 'limited',
  }),
  silentAfter('28.4.5', 'bad compressed data', 1007, text(deflated('x').fill(7), { rsv: 4 }), {
    deflate: [{}],
  }),
];

type Act = (link: Link) => void;
const half: Act = (link) => void link.socket.end();
const reset: Act = (link) => void link.socket.resetAndDestroy();
const nothing: Act = () => {};

/** Tells the tested side to close, and does something else than answering. */
function unanswered(id: string, title: string, act: Act, within: number): FrameCase {
  return watched(
    id,
    title,
    async (link) => {
      link.passive = true;
      link.send(text('close 1000 bye'));
      if (!(await link.until(() => link.peerClose !== undefined, 1000))) {
        return say('FAILED', 'no Close');
      }
      act(link);
      const over = await link.until(isOver(link), within * timers.patience);
      if (link.violations.length > 0) return say('FAILED', link.violations.join());
      return say(
        over ? 'OK' : 'FAILED',
        over ? 'it ended TCP' : `TCP still open after ${within} ms`,
      );
    },
    { setup: 'command' },
  );
}

/** Stops in the middle of something; the tested side has to let go of the connection. */
function stops(id: string, title: string, start: (link: Link) => void, act: Act): FrameCase {
  return watched(id, title, async (link) => {
    link.passive = true;
    start(link);
    await link.until(() => false, 20);
    act(link);
    const over = await link.until(isOver(link), 1500 * timers.patience);
    if (link.violations.length > 0) return say('FAILED', link.violations.join());
    return say(over ? 'OK' : 'FAILED', over ? 'it let go' : 'TCP still open after 1500 ms');
  });
}

const midFrame = (link: Link): void =>
  link.write(link.encode(text('Hello, world!')).subarray(0, 9));
const midMessage = (link: Link): void => link.send(text('Hello', { fin: false }));
const midHeader = (link: Link): void =>
  link.write(link.encode(text(Buffer.alloc(300))).subarray(0, 3));
const afterText = (link: Link): void => link.send(text('Hello'));

/** 28.5 and 28.6: an end of TCP where a frame should come (RFC 6455 §7.1.5). */
const stopCases = [
  unanswered('28.5.1', 'no answer to its close', nothing, 2500),
  unanswered('28.5.2', 'a half-close instead of an answer to its close', half, 1500),
  unanswered('28.5.3', 'a reset instead of an answer to its close', reset, 500),
  watched(
    '28.5.4',
    'it drops TCP without a Close when told to',
    async (link) => {
      link.send(text('terminate'));
      const over = await link.until(isOver(link), 1000 * timers.patience);
      if (!over) return say('FAILED', 'TCP still open');
      return link.peerClose === undefined ? say('OK', 'dropped') : say('FAILED', 'it sent a Close');
    },
    { setup: 'command' },
  ),
  ...[half, reset].flatMap((act, i) => {
    const words = act === half ? 'half-close' : 'reset';
    return [
      stops(`28.6.${i * 5 + 1}`, `${words} at once`, nothing, act),
      stops(`28.6.${i * 5 + 2}`, `${words} inside a header`, midHeader, act),
      stops(`28.6.${i * 5 + 3}`, `${words} inside a frame`, midFrame, act),
      stops(`28.6.${i * 5 + 4}`, `${words} inside a message`, midMessage, act),
      stops(`28.6.${i * 5 + 5}`, `${words} behind a text`, afterText, act),
    ];
  }),
];

/** 28.4 to 28.6: connections that end abruptly. */
export const abruptCases: readonly FrameCase[] = [...failingCases, ...stopCases];
