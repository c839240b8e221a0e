import type { Accepted, Refused } from '../handshake/decision.ts';
import { HandshakeError, type Refusal } from '../handshake/errors.ts';
import { HeaderList } from '../handshake/header-list.ts';
import {
  type HeadFault,
  HeadParser,
  type ResponseHead,
  statusLine,
} from '../handshake/http-head.ts';
import { type Expected, judgeResponse } from '../handshake/response.ts';
import { RefusalBody } from './refusal-body.ts';

/** The server accepted; `rest` came behind its answer and belongs to the connection. */
export interface Answer {
  readonly accepted: Accepted;
  readonly rest: Uint8Array;
}

// How the records begin that a TLS server answers with (RFC 8446 §5.1).
const ALERT = 0x15;
const HANDSHAKE = 0x16;
const TLS_VERSION = 3;

/** Reads a server's answer to an opening request from bytes as they come (RFC 6455 §4.1). */
export class AnswerReader {
  readonly #expected: Expected;
  #head = new HeadParser(statusLine);
  /** The first byte, until another one tells whether they begin a TLS record. */
  #start: Uint8Array = new Uint8Array(0);
  #begun = false;
  #refused: { readonly decision: Refused; readonly body: RefusalBody } | undefined;

  constructor(expected: Expected) {
    this.#expected = expected;
  }

  /** Takes the next bytes; undefined while the answer, or the body of a refusal, goes on. */
  receive(chunk: Uint8Array): Answer | HandshakeError | undefined {
    if (this.#begun) return this.#receive(chunk);
    const start = this.#start.length === 0 ? chunk : Buffer.concat([this.#start, chunk]);
    const [type = ALERT, version] = start;
    const mayBeRecord = type === ALERT || type === HANDSHAKE;
    this.#start = start;
    this.#begun = version !== undefined || !mayBeRecord;
    if (!this.#begun) return undefined;
    if (!mayBeRecord || version !== TLS_VERSION) return this.#receive(start);
    return new HandshakeError('ANSWER_MALFORMED', { detail: 'the server speaks TLS, use wss' });
  }

  #receive(chunk: Uint8Array): Answer | HandshakeError | undefined {
    let rest = chunk;
    while (this.#refused === undefined) {
      const result = this.#head.receive(rest);
      if (result === undefined) return undefined;
      if ('fault' in result) return new HandshakeError(faults[result.fault]);
      rest = rest.subarray(result.consumed);
      const answer = this.#judge(result.head, rest);
      if (answer !== undefined) return answer;
    }
    this.#refused.body.receive(rest);
    return this.#refused.body.done ? this.end() : undefined;
  }

  /** The answer ends here: by the transport's end, or because no more of it is waited for. */
  end(cause?: unknown): HandshakeError {
    if (this.#refused === undefined) return brokenOff(cause);
    const { decision, body } = this.#refused;
    return new HandshakeError(decision.refusal, {
      statusCode: decision.status,
      headers: decision.headers,
      body: body.text,
      detail: String(decision.status),
    });
  }

  /** Whether a refusal has come, be it without all of its body. */
  get refused(): boolean {
    return this.#refused !== undefined;
  }

  #judge(head: ResponseHead, rest: Uint8Array): Answer | undefined {
    const { statusCode, headers } = head;
    if (statusCode < 200 && statusCode !== 101) {
      // An interim answer, such as 103, comes before the final one (RFC 7231 §6.2).
      this.#head = new HeadParser(statusLine);
      return undefined;
    }
    const decision = judgeResponse(head, this.#expected);
    if (decision.accepted) return { accepted: decision, rest };
    const body = new RefusalBody(statusCode, new HeaderList(headers));
    this.#refused = { decision, body };
    return undefined;
  }
}

const faults: Record<HeadFault, Refusal> = {
  malformed: 'ANSWER_MALFORMED',
  'too-large': 'ANSWER_TOO_LARGE',
  'target-too-long': 'ANSWER_TOO_LARGE',
};

function brokenOff(cause: unknown): HandshakeError {
  return new HandshakeError('ANSWER_INCOMPLETE', cause === undefined ? {} : { cause });
}
