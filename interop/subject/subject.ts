/** A message as both ends see it: text or binary. */
export type Message = string | Uint8Array;

/**
 * permessage-deflate: not offered, with hawser's defaults (fresh windows of 12 bits, from 1 KiB), or
 * every message in windows of 15 bits that are fresh or kept between messages.
 */
export type Deflate = 'off' | 'on' | 'all' | 'takeover';

/** How a connection ended, as one end saw it. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** How it ended for the subject, which also knows whether both Closes passed. */
export interface SubjectEnding extends Ending {
  readonly wasClean: boolean;
}

/** The subprotocols offered in every trial; the second is the one to be chosen. */
export const offeredSubprotocols = ['interop.v0', 'interop.v1'] as const;

/** The subprotocol every peer knows. */
export const subprotocol = 'interop.v1';

/** One connection of the implementation under test, in either role. */
export interface SubjectConnection {
  readonly subprotocol: string;
  readonly deflate: boolean;
  /** Resolves when more may be sent. */
  send(message: Message): Promise<void>;
  /** Sends one message as one fragment per piece; an empty last fragment is allowed. */
  sendFragments(pieces: readonly Uint8Array[], type: 'text' | 'binary'): Promise<void>;
  /** Begins, continues or ends a message by hand. */
  sendPart(part: Message, fin: boolean): Promise<void>;
  receive(timeout: number): Promise<Message>;
  /** Resolves with the round trip in milliseconds once the Pong has come. */
  ping(bytes: Uint8Array): Promise<number>;
  /** Takes the payload of the next Ping of the peer. */
  receivePing(timeout: number): Promise<Uint8Array>;
  close(code: number, reason: string): Promise<SubjectEnding>;
  readonly closed: Promise<SubjectEnding>;
  terminate(): void;
}

/** A listening server of the implementation under test. */
export interface SubjectServer {
  readonly port: number;
  /** Takes the next accepted connection. */
  accept(timeout: number): Promise<SubjectConnection>;
  close(): Promise<void>;
}

/** Settings both roles share. */
export interface SubjectOptions {
  readonly deflate: Deflate;
  readonly subprotocols: readonly string[];
}

/** The implementation under test, behind the few verbs the checks need. */
export interface Subject {
  readonly name: string;
  serve(options: SubjectOptions): Promise<SubjectServer>;
  connect(url: string, options: SubjectOptions): Promise<SubjectConnection>;
}

/** The largest message of the matrix, in bytes. */
export const largestMessage = 16 * 1024 * 1024;
