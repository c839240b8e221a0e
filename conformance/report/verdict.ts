import type {
  Behavior,
  CloseBehavior,
  Ending,
  Event,
  FrameCase,
  Judgement,
  Outcome,
  Result,
} from '../case.ts';
import { describeEnding, describeEvents, describeTranscript } from './describe.ts';

/** What is known of a connection when it is over. */
export interface Transcript {
  /** Whether the opening handshake finished. */
  readonly opened: boolean;
  readonly received: readonly Event[];
  readonly violations: readonly string[];
  readonly closedBy: 'fuzzer' | 'peer' | undefined;
  readonly peerClose: { readonly code: number | undefined; readonly reason: string } | undefined;
  readonly clean: boolean;
  /** Whether the fuzzer had to drop TCP itself. */
  readonly dropped: boolean;
  readonly timedOut: boolean;
  /** Whether the fuzzer had the client's role. */
  readonly asClient: boolean;
  /** Whether permessage-deflate was agreed. */
  readonly deflate: boolean;
}

/** The two verdicts with what was expected and what came, in words. */
export type Verdict = Pick<Result, 'behavior' | 'behaviorClose' | 'expected' | 'got'>;

function equalEvents(a: readonly Event[], b: readonly Event[]): boolean {
  return a.length === b.length && a.every((event, i) => equalEvent(event, b[i]));
}

function equalEvent(a: Event, b: Event | undefined): boolean {
  if (a.type === 'timeout' || b?.type === 'timeout') {
    return a.type === 'timeout' && b?.type === 'timeout' && a.tag === b.tag;
  }
  if (b === undefined || a.type !== b.type || !a.payload.equals(b.payload)) return false;
  return a.type !== 'message' || b.type !== 'message' || a.binary === b.binary;
}

/** Tells whether what came is all that an outcome waits for before the fuzzer closes. */
export function isComplete(test: FrameCase, received: readonly Event[]): boolean {
  return test.outcomes.some(
    ({ events, ending = test.ending }) =>
      ending.by === 'fuzzer' && events.length > 0 && equalEvents(events, received),
  );
}

/** Judges how a connection ended; the first rule that fits decides. */
export function judgeEnding(ending: Ending, transcript: Transcript): CloseBehavior {
  const code = transcript.peerClose?.code;
  if (!transcript.opened || transcript.closedBy !== ending.by) return 'FAILED';
  if (ending.clean && !transcript.clean) return 'UNCLEAN';
  if (ending.frame === true && transcript.peerClose === undefined) return 'UNCLEAN';
  if (
    code === undefined
      ? ending.frame === true && !ending.codes.includes(1005)
      : !ending.codes.includes(code)
  )
    return 'WRONG CODE';
  if (transcript.asClient && transcript.dropped) return 'FAILED BY CLIENT';
  return 'OK';
}

function choose(test: FrameCase, transcript: Transcript): Outcome | undefined {
  const equal = test.outcomes.filter(({ events }) => equalEvents(events, transcript.received));
  const fits = ({ ending = test.ending }: Outcome): boolean =>
    judgeEnding(ending, transcript) === 'OK';
  return equal.find(fits) ?? equal[0];
}

function behaviorOf(
  test: FrameCase,
  transcript: Transcript,
  outcome: Outcome | undefined,
  close: CloseBehavior,
): Behavior {
  if (transcript.violations.length > 0) return 'FAILED';
  if (test.fatal === true && transcript.closedBy === 'fuzzer') return 'FAILED';
  if (test.codeMatters === true && close === 'WRONG CODE') return 'FAILED';
  return outcome?.verdict ?? 'FAILED';
}

function expectedOf(test: FrameCase): string {
  const words = test.outcomes.map(
    ({ verdict, events, ending = test.ending }) =>
      `${verdict}: ${describeEvents(events)}; ${describeEnding(ending)}`,
  );
  return words.join(' | ');
}

/** The verdict of a script; what it did not take, or a broken rule, is a failure all the same. */
function judgeReached(
  test: FrameCase,
  transcript: Transcript,
  reached: Judgement,
  closing: CloseBehavior,
): Verdict {
  const more = transcript.violations.length > 0 || transcript.received.length > 0;
  const behavior = more ? 'FAILED' : reached.behavior;
  const got = `${reached.note}; ${describeTranscript(transcript)}`;
  return { behavior, behaviorClose: closing, expected: test.title, got };
}

/** Judges a case played on an open connection. */
export function judge(test: FrameCase, transcript: Transcript, reached?: Judgement): Verdict {
  const got = describeTranscript(transcript);
  if (test.informational === true && transcript.opened) {
    return { behavior: 'INFORMATIONAL', behaviorClose: 'INFORMATIONAL', expected: 'anything', got };
  }
  if (test.deflate !== undefined && transcript.opened && !transcript.deflate) {
    const expected = 'permessage-deflate on the asked terms';
    return { behavior: 'UNIMPLEMENTED', behaviorClose: 'OK', expected, got: 'none agreed' };
  }
  const outcome = choose(test, transcript);
  const ending = reached?.ending ?? outcome?.ending ?? test.ending;
  const closing = judgeEnding(ending, transcript);
  if (reached !== undefined) return judgeReached(test, transcript, reached, closing);
  const behavior = behaviorOf(test, transcript, outcome, closing);
  return { behavior, behaviorClose: closing, expected: expectedOf(test), got };
}

/** The one word a case counts under in the table. */
export type Column =
  | 'OK'
  | 'NON-STRICT'
  | 'INFORMATIONAL'
  | 'UNIMPLEMENTED'
  | 'FAILED'
  | 'WRONG CODE'
  | 'UNCLEAN';

/** The columns of the table, best first. */
export const columns: readonly Column[] = [
  'OK',
  'NON-STRICT',
  'INFORMATIONAL',
  'UNIMPLEMENTED',
  'FAILED',
  'WRONG CODE',
  'UNCLEAN',
];

/** Joins both verdicts of a case: the worse one names the column. */
export function columnOf({
  behavior,
  behaviorClose,
}: Pick<Result, 'behavior' | 'behaviorClose'>): Column {
  if (behavior === 'FAILED' || behaviorClose === 'FAILED') return 'FAILED';
  if (behaviorClose === 'WRONG CODE' || behaviorClose === 'UNCLEAN') return behaviorClose;
  if (behaviorClose === 'FAILED BY CLIENT') return 'UNCLEAN';
  return behavior;
}

/** Tells whether a column counts as passed for a library that wants to be strict. */
export function isPassed(column: Column): boolean {
  return column === 'OK' || column === 'INFORMATIONAL';
}
