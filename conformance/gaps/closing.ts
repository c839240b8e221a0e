import type { Case, Ending, FrameCase, Outcome } from '../case.ts';
import { answered, failsWith, gotText, ok } from '../cases/build.ts';
import { close, continuation, text } from '../wire/frame.ts';
import { abruptCases } from './abrupt.ts';
import { failing } from './expect.ts';
import { noiseCases } from './noise.ts';

const clean = (...codes: number[]): Ending => ({ by: 'fuzzer', codes, clean: true, frame: true });

/** The strict answer repeats the code; 1000, or none, is what the RFC tolerates (§5.5.1). */
function repeated(code: number, ...events: Outcome['events'][number][]): Outcome[] {
  return [
    { verdict: 'OK', events, ending: clean(code) },
    { verdict: 'NON-STRICT', events, ending: { ...clean(code, 1000, 1005), frame: false } },
  ];
}

type Plays = FrameCase['play'];

function closing(id: string, title: string, play: Plays, outcomes: Outcome[]): FrameCase {
  return { kind: 'frames', id, title, play, outcomes, ending: clean(1000) };
}

const echoed = [1000, 1001, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 4999];
const refusedCodes = [1015, 1016, 2000, 5000, 65_535];
const refusal: Outcome[] = [
  { verdict: 'OK', events: [], ending: { ...clean(1002), clean: false } },
  { verdict: 'NON-STRICT', events: [], ending: { by: 'fuzzer', codes: [1002], clean: false } },
];
const ten = Array.from({ length: 10 }, (_, i) => `message ${i}`);

/** An answer to the Close may overtake the echoes that a slow application has not sent yet. */
function fewer(some: number): Outcome {
  const events = ten.slice(0, some).map((word) => gotText(word));
  return { verdict: 'NON-STRICT', events, ending: { ...clean(1000), frame: false } };
}

/** 28.1: a Close by the fuzzer, and what it has to be answered with (RFC 6455 §5.5.1, §7.4). */
const answeredCases: FrameCase[] = [
  ...echoed.map((code, i) =>
    closing(`28.1.${i + 1}`, `close ${code}`, [close(code, 'bye')], repeated(code)),
  ),
  closing('28.1.11', 'close without a code', [close()], repeated(1005)),
  ...refusedCodes.map((code, i) =>
    closing(`28.1.${i + 12}`, `close ${code}`, [close(code)], refusal),
  ),
  closing(
    '28.1.17',
    'ten texts and a close in one write',
    [...ten.map((word) => text(word)), close(1000)],
    [...repeated(1000, ...ten.map((word) => gotText(word))), ...ten.map((_, some) => fewer(some))],
  ),
  closing(
    '28.1.18',
    'a close inside a fragmented message',
    [text('a', { fin: false }), continuation('b', { fin: false }), close(4000)],
    repeated(4000),
  ),
  closing(
    '28.1.19',
    'a close byte by byte',
    async (link) => {
      await link.run([close(4001, 'in pieces')], 1);
      await link.ended;
    },
    repeated(4001),
  ),
];

const command = { setup: 'command' } as const;
const ownCodes = [1000, 1001, 1008, 1011, 1012, 1013, 1014, 3000, 4999];

function own(id: string, title: string, order: string, code: number, reason: string): FrameCase {
  const play: Plays = async (link) => {
    link.send(text(order));
    await link.ended;
    const came = link.peerClose?.reason;
    if (link.closedBy !== 'peer' || came === reason) return undefined;
    return { behavior: 'FAILED', note: `the reason ${came}` };
  };
  const ending: Ending = { by: 'peer', codes: [code], clean: true, frame: true };
  return { kind: 'frames', id, title, play, outcomes: ok(), ending, ...command };
}

const longReason = 'ä'.repeat(61);

/** 28.2: the tested side closes when told to (RFC 6455 §7.1.2). */
const ownCloseCases: FrameCase[] = [
  ...ownCodes.map((code, i) =>
    own(`28.2.${i + 1}`, `it closes with ${code}`, `close ${code} bye`, code, 'bye'),
  ),
  own('28.2.10', 'it closes with a reason of 122 B', `close 4000 ${longReason}`, 4000, longReason),
  {
    ...own('28.2.11', 'both sides close at once', '', 1000, ''),
    play: [text('close 1000 here'), close(1001, 'there')],
    outcomes: [{ verdict: 'OK', events: [], ending: clean(1000, 1001) }],
  },
  {
    ...own('28.2.12', 'data and a ping before the answer to its close', '', 1000, ''),
    play: async (link) => {
      link.passive = true;
      link.send(text('close 1000 bye'));
      await link.until(() => link.peerClose !== undefined, 1000);
      link.passive = false;
      link.send(text('late'), text('later'), close(1000));
      link.sentClose = true;
      await link.until(() => link.finished || link.gone, 1000);
      link.socket.end();
    },
  },
];

/** 28.3: after a violation, a Close with the right code (RFC 6455 §7.1.7). */
const codeCases: FrameCase[] = [
  {
    ...answered(
      '28.3.1',
      'an unknown opcode between two texts',
      [text('before'), { ...text('x'), opcode: 3 }, text('after')],
      [],
    ),
    outcomes: [...failing(1002, [gotText('before')]), ...failing(1002).slice(1)],
    ending: failsWith(1002),
  },
];

/** Groups 28 and 29: ways to close, cuts and noise. */
export function closeGapCases(seed: number): readonly Case[] {
  return [...answeredCases, ...ownCloseCases, ...codeCases, ...abruptCases, ...noiseCases(seed)];
}
