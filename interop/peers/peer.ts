import type { Limit } from '../matrix/limit.ts';
import type { Row } from '../matrix/row.ts';
import type { Subject } from '../subject/subject.ts';

/** What a peer needs to know to lay out its rows. */
export interface PeerContext {
  readonly subject: Subject;
  /** Whether npm packages may be downloaded. */
  readonly install: boolean;
}

/** A foreign implementation, or a program in between. */
export interface Peer {
  readonly name: string;
  /** The packages of Debian it needs. */
  readonly packages: readonly string[];
  /** What it cannot do, which is no fault of the subject. */
  readonly limits: readonly Limit[];
  /** Builds or installs what the rows need; gives the version of the peer. */
  prepare(context: PeerContext): Promise<string>;
  /** The lines of the table; called after `prepare`. */
  rows(context: PeerContext): readonly Row[];
}
