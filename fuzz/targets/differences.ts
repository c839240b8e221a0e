/** Something a receiver told of: a message, a control frame, or at last that it failed. */
export type Told = readonly [name: string, ...values: (string | number)[]];

/** What one receiver made of a stream: what it told of, and how it failed, if it did. */
export interface Outcome {
  readonly told: readonly Told[];
  /** The close code it failed with. */
  readonly code: number | undefined;
}

/** What this library made of it: the row of the table of violations, and what a whole header would do. */
export interface OwnOutcome extends Outcome {
  readonly violation: string | undefined;
  /** The close code after so many zeros that the header is whole. */
  readonly codeSoon: number | undefined;
}

/** A difference that is meant. */
export interface Difference {
  readonly name: string;
  readonly reason: string;
  readonly matches: (own: OwnOutcome, other: Outcome) => boolean;
}

const isMessage = ([name]: Told): boolean => name === 'text' || name === 'binary';

/** Whether the other receiver told the same until we failed. */
function sameUntilFailure(own: OwnOutcome, other: Outcome): boolean {
  const before = other.told.slice(0, own.told.length);
  return JSON.stringify(before) === JSON.stringify(own.told);
}

/** Whether the other receiver never told of the message on which we failed. */
function withoutMessage(own: OwnOutcome, other: Outcome): boolean {
  const rest = other.told.slice(own.told.length);
  return sameUntilFailure(own, other) && !rest.some(isMessage);
}

const sameTold = (own: OwnOutcome, other: Outcome): boolean =>
  own.told.length === other.told.length && sameUntilFailure(own, other);

/** All differences from ws's receiver that are meant, each with its reason. */
export const differences: readonly Difference[] = [
  {
    name: 'lengths are minimal',
    reason: 'RFC 6455 §5.2 demands the shortest form of a length; ws takes any',
    matches: (own, other) => own.violation === 'LENGTH_NOT_MINIMAL' && sameUntilFailure(own, other),
  },
  {
    name: 'the top bit of a length',
    reason: 'RFC 6455 §5.2 has it 0, so that is 1002 here; to ws it is a message too big, 1009',
    matches: (own, other) =>
      own.violation === 'LENGTH_TOP_BIT' && other.code === 1009 && sameTold(own, other),
  },
  {
    name: 'text is checked as it arrives',
    reason: 'RFC 6455 §8.1 lets an end fail at the first impossible byte; ws waits for the message',
    matches: (own, other) => own.violation === 'INVALID_UTF8' && withoutMessage(own, other),
  },
  {
    name: 'fragments are counted by their headers',
    reason:
      'here a fragment too many fails by its header, as do many empty ones; ws waits for its payload',
    matches: (own, other) => own.violation === 'TOO_MANY_FRAGMENTS' && withoutMessage(own, other),
  },
  {
    name: 'a header is judged when it is whole',
    reason: 'ws looks at the order of frames, and at sizes, before the length or the key has come',
    matches: (own, other) =>
      own.code === undefined &&
      other.code !== undefined &&
      sameTold(own, other) &&
      own.codeSoon !== undefined,
  },
  {
    name: 'of two broken rules in a header another is named',
    reason: 'here the fields are judged in their order, then the order of frames; ws mixes them',
    matches: (own, other) =>
      sameTold(own, other) &&
      own.code !== undefined &&
      other.code === 1002 &&
      ['FRAME_TOO_BIG', 'MESSAGE_TOO_BIG'].includes(own.violation ?? ''),
  },
];
