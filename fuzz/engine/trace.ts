type TraceValue = string | number | boolean | undefined;

/** Something that happened while an input was worked on, in words that can be compared. */
export type TraceEvent = readonly [name: string, ...values: TraceValue[]];

/** All that happened, in order. */
export type Trace = readonly TraceEvent[];

/** A piece of a message: its bytes as hex, whether it begins and whether it ends the message. */
interface PieceEvent {
  readonly bytes: string;
  readonly type: string;
  readonly first: boolean;
  readonly last: boolean;
}

function pieceOf(event: TraceEvent | undefined): PieceEvent | undefined {
  if (event?.[0] !== 'piece') return undefined;
  const [, bytes, type, first, last] = event;
  return { bytes: String(bytes), type: String(type), first: first === true, last: last === true };
}

/**
 * A trace without what legitimately depends on how the stream was cut: how many pieces a message is
 * handed on in, how much of a message came before it turned out to be broken.
 */
export function coalesce(trace: Trace): Trace {
  const kept: TraceEvent[] = [];
  for (const event of trace) {
    const before = pieceOf(kept.at(-1));
    const joins = before !== undefined && !before.last;
    const piece = pieceOf(event);
    if (joins && (piece !== undefined || event[0] === 'violation')) kept.pop();
    if (joins && piece !== undefined) {
      const { type, first } = before;
      kept.push(['piece', before.bytes + piece.bytes, type, first, piece.last]);
    } else kept.push(event);
  }
  return kept;
}

const show = (event: TraceEvent | undefined): string => {
  const text = event === undefined ? 'nothing' : JSON.stringify(event);
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text;
};

/** Where two traces differ, in words; undefined when they do not. */
export function differenceOf(whole: Trace, cut: Trace): string | undefined {
  const [one, other] = [coalesce(whole), coalesce(cut)];
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const [left, right] = [one[index], other[index]];
    if (JSON.stringify(left) === JSON.stringify(right)) continue;
    return `event ${index} is ${show(left)} when whole, ${show(right)} when cut`;
  }
  return undefined;
}

const SHAPE_EVENTS = 6;

/** The first few things that happened, without values but rules: a hint that an input is of a new kind. */
export function shapeOf(trace: Trace): string {
  const names: string[] = [];
  for (const [name, value] of trace) {
    const word = name === 'violation' || name === 'refused' ? `${name} ${value}` : name;
    if (names.at(-1) !== word) names.push(word);
    if (names.length === SHAPE_EVENTS) break;
  }
  return names.join(', ');
}
