import { Buffer } from 'node:buffer';

import type { Ending, Event, FrameCase, Outcome } from '../case.ts';

/** The fuzzer closes with 1000 when it has what it expects; the answer is 1000. */
export const closesItself: Ending = { by: 'fuzzer', codes: [1000], clean: true };

/** The tested side has to fail the connection: a Close with one of the codes, or a TCP drop. */
export function failsWith(...codes: number[]): Ending {
  return { by: 'peer', codes, clean: false };
}

/** A message event of text. */
export function gotText(payload: string | Buffer): Event {
  return { type: 'message', payload: Buffer.from(payload), binary: false };
}

/** A message event of bytes. */
export function gotBinary(payload: string | Buffer): Event {
  return { type: 'message', payload: Buffer.from(payload), binary: true };
}

/** A pong event. */
export function gotPong(payload: string | Buffer = ''): Event {
  return { type: 'pong', payload: Buffer.from(payload) };
}

/** The one good outcome. */
export function ok(...events: Event[]): Outcome[] {
  return [{ verdict: 'OK', events }];
}

/** The good outcome, and an empty one that is only tolerated. */
export function okOrNothing(...events: Event[]): Outcome[] {
  return [
    { verdict: 'OK', events },
    { verdict: 'NON-STRICT', events: [] },
  ];
}

type Parts = Omit<FrameCase, 'kind' | 'id' | 'title' | 'play' | 'outcomes' | 'ending'>;

/** A case whose messages the tested side answers; then the fuzzer closes. */
export function answered(
  id: string,
  title: string,
  play: FrameCase['play'],
  events: Event[],
  more: Parts = {},
): FrameCase {
  const outcomes = ok(...events);
  return { kind: 'frames', id, title, play, outcomes, ending: closesItself, ...more };
}

/** A case in which the tested side has to fail the connection. */
export function refused(
  id: string,
  title: string,
  play: FrameCase['play'],
  codes: number[],
  more: Parts & { outcomes?: Outcome[]; ending?: Ending } = {},
): FrameCase {
  return { kind: 'frames', id, title, play, outcomes: ok(), ending: failsWith(...codes), ...more };
}
