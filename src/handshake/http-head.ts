import { decodeLatin1 } from '#platform';

import { type Header, HeaderList } from './header-list.ts';
import { headerRun, isHeaderValue, isToken, trimWhiteSpace } from './header-values.ts';

/** The start line and the headers of a request, as received. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** Without its name: '1.1'. */
  readonly httpVersion: string;
  readonly headers: readonly Header[];
}

/** The status line and the headers of an answer, as received. */
export interface ResponseHead {
  readonly statusCode: number;
  /** Without its name. Default: '1.1'. */
  readonly httpVersion?: string;
  readonly headers: readonly Header[];
}

/** Whether a version of HTTP has Upgrade: 1.1 and later minor versions (RFC 7230 §6.7). */
export function knowsUpgrade(httpVersion: string): boolean {
  return /^1\.[1-9]$/.test(httpVersion);
}

/** How large a head may be: bytes of all, bytes of one line without its end, number of headers. */
export interface HeadLimits {
  readonly headSize: number;
  readonly lineSize: number;
  readonly lines: number;
  /** Bytes of a request's target. */
  readonly targetSize: number;
}

/** 16 KiB, 8 KiB a line, 100 lines, a target of 8 KiB. */
export const headLimits: HeadLimits = Object.freeze({
  headSize: 16_384,
  lineSize: 8_192,
  lines: 100,
  targetSize: 8_192,
});

/** Why a head cannot be read. */
export type HeadFault = 'malformed' | 'too-large' | 'target-too-long';

/** What a parser found: the head and how many bytes of the last chunk belong to it, or a fault. */
export type HeadResult<Start> =
  | { readonly head: Start & { readonly headers: readonly Header[] }; readonly consumed: number }
  | { readonly fault: HeadFault };

/** Reads a first line, and what it is when that line is too long. */
export interface StartLineRules<Start> {
  read(line: string, limits: HeadLimits): Start | HeadFault;
  readonly tooLong: HeadFault;
}

/** The first line of a request. */
export type RequestStart = Omit<RequestHead, 'headers'>;
type ResponseStart = Omit<ResponseHead, 'headers'>;

/** First lines of requests (RFC 7230 §3.1.1). */
export const requestLine: StartLineRules<RequestStart> = {
  read(line, limits) {
    const [, method = '', target = '', httpVersion = ''] =
      /^([^ ]+) ([^ ]+) HTTP\/(\d\.\d)$/.exec(line) ?? [];
    if (!isToken(method)) return 'malformed';
    return target.length > limits.targetSize ? 'target-too-long' : { method, target, httpVersion };
  },
  tooLong: 'target-too-long',
};

/** First lines of answers; the reason says nothing and may be missing (RFC 7230 §3.1.2). */
export const statusLine: StartLineRules<ResponseStart> = {
  read(line) {
    const [, httpVersion = '', code = ''] = /^HTTP\/(1\.\d) (\d{3})(?: .*)?$/.exec(line) ?? [];
    return code < '100' ? 'malformed' : { statusCode: Number(code), httpVersion };
  },
  tooLong: 'too-large',
};

/** A head that lay whole in a chunk, and how many bytes of that belong to it. */
export interface WholeHead<Start> {
  readonly start: Start;
  readonly headers: HeaderList;
  readonly consumed: number;
}

const headEnd = '\r\n\r\n';
// What a first line holds beside its target: a method, a version, a reason.
const START_LINE_ROOM = 64;

/**
 * Reads a head that lies whole in a chunk, as a `HeadParser` does byte by byte: five times as fast.
 * Undefined for one that does not, and for one with a fault.
 */
export function readWholeHead<Start>(
  rules: StartLineRules<Start>,
  chunk: Uint8Array,
  limits: HeadLimits = headLimits,
): WholeHead<Start> | undefined {
  const text = decodeLatin1(chunk, 0, Math.min(chunk.length, limits.headSize));
  const end = text.indexOf(headEnd) + 2;
  if (end === 1) return undefined;
  // Headers are kept with the text they were cut from: nothing behind them is to stay with it.
  const lines = end + 2 < text.length ? decodeLatin1(chunk, 0, end) : text;
  const startEnd = lines.indexOf('\r\n');
  if (startEnd > limits.targetSize + START_LINE_ROOM) return undefined;
  const first = lines.slice(0, startEnd);
  const start = isHeaderValue(first) ? rules.read(first, limits) : 'malformed';
  if (typeof start === 'string') return undefined;
  headerRun.lastIndex = startEnd + 2;
  if (!headerRun.test(lines) || headerRun.lastIndex !== end) return undefined;
  if (end > limits.lineSize && hasLongLine(lines, startEnd + 2, end, limits)) return undefined;
  const headers = new HeaderList(lines, startEnd + 2);
  return headers.extent.lines > limits.lines ? undefined : { start, headers, consumed: end + 2 };
}

function hasLongLine(text: string, start: number, end: number, { lineSize }: HeadLimits): boolean {
  for (let at = start; at < end;) {
    const lineEnd = text.indexOf('\r', at);
    if (lineEnd - at > lineSize) return true;
    at = lineEnd + 2;
  }
  return false;
}

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const DEL = 127;

/** Reads one HTTP/1 head from bytes as they come, strictly and in bounded memory (RFC 7230 §3). */
export class HeadParser<Start extends object> {
  readonly #rules: StartLineRules<Start>;
  readonly #limits: HeadLimits;
  readonly #headers: Header[] = [];
  #start: Start | undefined;
  #line: Uint8Array = new Uint8Array(256);
  #lineLength = 0;
  #size = 0;
  #afterCarriageReturn = false;

  constructor(rules: StartLineRules<Start>, limits: HeadLimits = headLimits) {
    this.#rules = rules;
    this.#limits = limits;
  }

  /** Takes the next bytes; undefined while the head goes on. After a result it takes no more. */
  receive(chunk: Uint8Array): HeadResult<Start> | undefined {
    const whole = this.#size === 0 ? readWholeHead(this.#rules, chunk, this.#limits) : undefined;
    if (whole !== undefined) {
      const { start, headers, consumed } = whole;
      return { head: { ...start, headers: [...headers] }, consumed };
    }
    for (const [index, byte] of chunk.entries()) {
      const result = this.#receiveByte(byte);
      if (result === undefined) continue;
      return typeof result === 'string' ? { fault: result } : { head: result, consumed: index + 1 };
    }
    return undefined;
  }

  #receiveByte(byte: number): (Start & { headers: readonly Header[] }) | HeadFault | undefined {
    this.#size++;
    if (this.#size > this.#limits.headSize) return 'too-large';
    // Both stand only as a pair: a line that ends otherwise is read differently by others.
    if ((byte === LF) !== this.#afterCarriageReturn) return 'malformed';
    if (byte === LF) return this.#endLine();
    if (byte === CR) {
      this.#afterCarriageReturn = true;
      return undefined;
    }
    if ((byte < SPACE && byte !== TAB) || byte === DEL) return 'malformed';
    return this.#append(byte);
  }

  #append(byte: number): HeadFault | undefined {
    const { lineSize, targetSize } = this.#limits;
    const limit = this.#start === undefined ? targetSize + START_LINE_ROOM : lineSize;
    if (this.#lineLength === limit) {
      return this.#start === undefined ? this.#rules.tooLong : 'too-large';
    }
    if (this.#lineLength === this.#line.length) {
      const larger = new Uint8Array(this.#line.length * 2);
      larger.set(this.#line);
      this.#line = larger;
    }
    this.#line[this.#lineLength] = byte;
    this.#lineLength++;
    return undefined;
  }

  #endLine(): (Start & { headers: readonly Header[] }) | HeadFault | undefined {
    // One character per byte: at most 8 KiB of them, which a call takes as arguments.
    const line = String.fromCharCode(...this.#line.subarray(0, this.#lineLength));
    this.#lineLength = 0;
    this.#afterCarriageReturn = false;
    if (this.#start === undefined) {
      const start = this.#rules.read(line, this.#limits);
      if (typeof start === 'string') return start;
      this.#start = start;
      return undefined;
    }
    if (line === '') return { ...this.#start, headers: this.#headers };
    return this.#addHeader(line);
  }

  #addHeader(line: string): HeadFault | undefined {
    const colon = line.indexOf(':');
    // A folded line begins with white space and so has no token before its colon (§3.2.4).
    if (colon === -1 || !isToken(line.slice(0, colon))) return 'malformed';
    if (this.#headers.length === this.#limits.lines) return 'too-large';
    this.#headers.push([line.slice(0, colon), trimWhiteSpace(line.slice(colon + 1))]);
    return undefined;
  }
}
