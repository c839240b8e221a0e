import type { FragmentSender } from '../../protocol/sending/sender.ts';
import { wrongType } from '../options/option-rules.ts';
import { notOpen } from './backpressure.ts';
import { type Payload, payloadOf } from './payload.ts';

/** The pieces of a message, as they come. */
export type Pieces = Iterable<Payload> | AsyncIterable<Payload>;

/** What sending in fragments needs of its connection. */
export interface FragmentsOwner {
  /** Waits for the turn; rejects when the connection ends first. */
  takeTurn(type: 'text' | 'binary'): Promise<FragmentSender>;
  /** Waits until fewer bytes than the soft mark are buffered; rejects when the connection ends. */
  drained(): Promise<void>;
  /** Whether the connection is over: what is sent goes nowhere. */
  isOver(): boolean;
  /** A message that was begun cannot be finished. */
  fail(error: unknown): void;
}

/** Sends one message from many pieces, at the pace of the peer (RFC 6455 §5.4). */
export async function sendFragments(
  owner: FragmentsOwner,
  pieces: Pieces,
  type: 'text' | 'binary',
): Promise<void> {
  const turn = await owner.takeTurn(type);
  const progress = { begun: false };
  try {
    await sendAll(owner, turn, pieces, type, progress);
  } catch (error) {
    // What was begun cannot be taken back, and nothing else can be sent before it ends.
    if (progress.begun) owner.fail(error);
    else turn.cancel();
    throw error;
  }
}

async function sendAll(
  owner: FragmentsOwner,
  turn: FragmentSender,
  pieces: Pieces,
  type: 'text' | 'binary',
  progress: { begun: boolean },
): Promise<void> {
  // A piece of a list waits for the next one, so that the last can say that it is; a piece of a
  // source that takes its time goes at once, and an empty fragment ends the message.
  const looksAhead = Symbol.iterator in pieces;
  // A generator may fill the same bytes again for its next piece.
  const keeps = looksAhead && !Array.isArray(pieces);
  let held: string | Uint8Array | undefined;
  for await (const piece of pieces) {
    const payload = typed(piece, type);
    const ready = looksAhead ? held : payload;
    held = keeps && typeof payload !== 'string' ? new Uint8Array(payload) : payload;
    if (owner.isOver()) throw notOpen();
    if (ready === undefined) continue;
    turn.send(ready, false);
    progress.begun = true;
    await owner.drained();
  }
  if (owner.isOver()) throw notOpen();
  const empty = type === 'text' ? '' : new Uint8Array(0);
  turn.send((looksAhead ? held : undefined) ?? empty, true);
}

/** The payload of a piece: a message of bytes takes no strings. */
function typed(piece: Payload, type: 'text' | 'binary'): string | Uint8Array {
  const payload = payloadOf(piece, 'a piece');
  if (type === 'text' || typeof payload !== 'string') return payload;
  throw new TypeError('a piece of a binary message must be an ArrayBuffer or a view of one');
}

/** Checks the arguments of `sendFragments`. */
export function checkPieces(pieces: Pieces, type: 'text' | 'binary'): void {
  const iterable =
    typeof pieces === 'object' &&
    pieces !== null &&
    (Symbol.iterator in pieces || Symbol.asyncIterator in pieces);
  if (!iterable) throw wrongType('pieces', 'an iterable or async iterable of pieces', pieces);
  if (type !== 'text' && type !== 'binary') throw wrongType('type', "'text' or 'binary'", type);
}
