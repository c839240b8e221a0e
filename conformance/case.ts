import type { Buffer } from 'node:buffer';

import type { Link } from './fuzzer/link.ts';
import type { Frame } from './wire/frame.ts';
import type { Head, RequestChange } from './wire/http.ts';
import type { Wish } from './wire/negotiation.ts';

/** The role of the tested side. */
export type Role = 'server' | 'client';

/** What the tested side sent back, in order. */
export type Event =
  | { readonly type: 'message'; readonly payload: Buffer; readonly binary: boolean }
  | { readonly type: 'pong'; readonly payload: Buffer }
  | { readonly type: 'timeout'; readonly tag: string };

/** The verdict on what the tested side sent. */
export type Behavior = 'OK' | 'NON-STRICT' | 'INFORMATIONAL' | 'UNIMPLEMENTED' | 'FAILED';

/** The verdict on how the connection ended. */
export type CloseBehavior =
  | 'OK'
  | 'INFORMATIONAL'
  | 'FAILED'
  | 'UNCLEAN'
  | 'WRONG CODE'
  | 'FAILED BY CLIENT';

/** How the tested side is set up for a case; docs/conformance.md says what each means. */
export type Setup = 'echo' | 'limited' | 'plain' | 'subprotocols' | 'command';

/** How a connection has to end. */
export interface Ending {
  /** Who starts the closing handshake, or fails the connection. */
  readonly by: 'fuzzer' | 'peer';
  /** The close codes the tested side may send; sending none is accepted unless `frame` is set. */
  readonly codes: readonly number[];
  /** Whether both Close frames have to pass. */
  readonly clean: boolean;
  /** Whether a Close frame is demanded (strict cases of our own). */
  readonly frame?: boolean;
}

/** One sequence of events, and the verdict it earns. */
export interface Outcome {
  readonly verdict: 'OK' | 'NON-STRICT';
  readonly events: readonly Event[];
  /** The ending that belongs to this outcome; the case's own unless given. */
  readonly ending?: Ending;
}

/** What a fuzzer does, as data: a frame, bytes as they are, a pause in ms, or a survived wait. */
export type Step =
  | Frame
  | { readonly raw: Buffer }
  | { readonly pause: number; readonly tag?: string }
  | { readonly flush: true };

/** A verdict a script reaches itself, instead of a comparison of events. */
export interface Judgement {
  readonly behavior: Behavior;
  readonly note: string;
  /** The ending that belongs to it; the case's own unless given. */
  readonly ending?: Ending;
}

interface Base {
  readonly id: string;
  readonly title: string;
  /** The roles of the tested side the case is for; both unless given. */
  readonly roles?: readonly Role[];
  readonly setup?: Setup;
}

/** A case played on an open connection. */
export interface FrameCase extends Base {
  readonly kind: 'frames';
  readonly play: readonly Step[] | ((link: Link) => Promise<Judgement | void>);
  /** How the bytes of data steps reach TCP: in one write, a write per frame, or of n bytes. */
  readonly chop?: 'frames' | number;
  readonly outcomes: readonly Outcome[];
  readonly ending: Ending;
  /** Milliseconds after the last step until the fuzzer fails the connection. */
  readonly killAfter?: number;
  /** Milliseconds after the last step until the fuzzer starts a normal close. */
  readonly closeAfter?: number;
  /** Whatever happens is INFORMATIONAL. */
  readonly informational?: boolean;
  /** The peer has to notice by itself: a close by the fuzzer makes the behavior FAILED. */
  readonly fatal?: boolean;
  /** A wrong close code also makes the behavior FAILED. */
  readonly codeMatters?: boolean;
  /** permessage-deflate with the first of these wishes the tested side agrees to. */
  readonly deflate?: readonly Wish[];
  /** Runs few at a time and may be left out of a slice. */
  readonly heavy?: boolean;
}

/** What a raw exchange of heads came to. */
export type Reply =
  | { readonly kind: 'head'; readonly status: number; readonly head: Head; readonly echo: string }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'silent' };

/** A case of the opening handshake with a server under test. */
export interface RequestCase extends Base {
  readonly kind: 'request';
  readonly change?: RequestChange;
  /** The request as bytes, made from the host and the key, instead of `change`. */
  readonly bytes?: (host: string, path: string, key: string) => Buffer;
  /** How the bytes reach TCP: in one write, or in writes of n bytes. */
  readonly chop?: number;
  /** A text that came behind the request, whose echo has to come first. */
  readonly glued?: string;
  /** The statuses that are OK, and those only tolerated; 0 stands for a drop without an answer. */
  readonly status: readonly number[];
  readonly tolerated?: readonly number[];
  /** Further demands on the answer: what is wrong in words. */
  readonly check?: (head: Head) => string | undefined;
}

/** A case of the opening handshake with a client under test. */
export interface ResponseCase extends Base {
  readonly kind: 'response';
  readonly change?: RequestChange | ((request: Head) => RequestChange);
  /** The pieces of the response, written with a short pause between. */
  readonly pieces?: (response: Buffer) => readonly Buffer[];
  /** Whether the client has to open the connection or to refuse it. */
  readonly opens: boolean;
  /** Whether the other behaviour is tolerated. */
  readonly tolerated?: boolean;
  /** Demands on the client's request: what is wrong in words. */
  readonly check?: (request: Head) => string | undefined;
}

/** Any case. */
export type Case = FrameCase | RequestCase | ResponseCase;

/** The verdicts on one case, and the words for the list of what is not OK. */
export interface Result {
  readonly id: string;
  readonly title: string;
  readonly role: Role;
  readonly behavior: Behavior;
  readonly behaviorClose: CloseBehavior;
  readonly expected: string;
  readonly got: string;
  /** Wall time in ms. */
  readonly duration: number;
  /** Whether a timer of the fuzzer ran out. */
  readonly timedOut: boolean;
}
