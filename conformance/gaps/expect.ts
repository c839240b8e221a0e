import type { Ending, Event, FrameCase, Judgement, Outcome } from '../case.ts';
import { closesItself, failsWith, ok } from '../cases/build.ts';
import type { Link } from '../fuzzer/link.ts';
import type { Frame } from '../wire/frame.ts';

type More = Partial<Omit<FrameCase, 'kind' | 'id' | 'title' | 'play'>>;

/** The tested side fails the connection with a Close frame of this code. */
export function strictly(code: number): Ending {
  return { by: 'peer', codes: [code], clean: false, frame: true };
}

/** A TCP drop without a Close, or one of these codes, is tolerated. */
export function failing(code: number, events: Event[] = [], ...others: number[]): Outcome[] {
  return [
    { verdict: 'OK', events, ending: strictly(code) },
    { verdict: 'NON-STRICT', events, ending: failsWith(code, ...others) },
  ];
}

/** The rule is broken but the tested side may go on: what it would answer then. */
export function orGoesOn(...events: Event[]): Outcome {
  return { verdict: 'NON-STRICT', events, ending: closesItself };
}

/** A case whose broken rule has to be answered by a Close frame of this code. */
export function broken(
  id: string,
  title: string,
  code: number,
  play: FrameCase['play'],
  more: More = {},
): FrameCase {
  const outcomes = failing(code);
  return { kind: 'frames', id, title, play, outcomes, ending: strictly(code), ...more };
}

/** Sends only the first bytes of a frame, all up to its payload unless a size is given. */
export function headOnly(frame: Frame, size?: number): (link: Link) => Promise<void> {
  return async (link) => {
    const bytes = link.encode(frame);
    link.write(bytes.subarray(0, size ?? bytes.length - frame.payload.length));
    await link.ended;
  };
}

/** Whoever ends it: these cases judge by what they saw on TCP. */
export function watched(
  id: string,
  title: string,
  play: (link: Link) => Promise<Judgement>,
  more: Partial<FrameCase> = {},
): FrameCase {
  const run = async (link: Link): Promise<Judgement> => {
    const judgement = await play(link);
    link.received.length = 0;
    link.closedBy = 'peer';
    link.peerClose = undefined;
    link.socket.destroy();
    return judgement;
  };
  const ending = failsWith();
  return { kind: 'frames', id, title, play: run, outcomes: ok(), ending, killAfter: 8000, ...more };
}
