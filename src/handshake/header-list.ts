import { encodeLatin1 } from '#platform';

import { isHeaderValue, isToken, parseTokens, trimWhiteSpace } from './header-values.ts';

/** One header line: its name as written, its value without white space around it. */
export type Header = readonly [name: string, value: string];

/** How much the lines of a head are, each as `name: value` without its end, in characters. */
export interface Extent {
  readonly lines: number;
  readonly longest: number;
  readonly total: number;
}

/** The headers of a message: names are compared without case, order and repetitions are kept. */
export class HeaderList implements Iterable<Header> {
  /** Names and values in turn; where there is a text they are cut from it when they are asked for. */
  #lines: readonly string[] | undefined;
  readonly #text: string;
  readonly #start: number;

  /** From lines, or from the text of a head, whose well-formed lines begin at `start`. */
  constructor(headers: Iterable<Header> | string = [], start = 0) {
    this.#start = start;
    this.#text = typeof headers === 'string' ? headers : '';
    if (typeof headers === 'string') return;
    const lines: string[] = [];
    for (const [name, value] of headers) lines.push(name, value);
    this.#lines = lines;
  }

  /** Keeps nothing but the text, if there is one: a connection keeps its request as long as it lives. */
  compact(): void {
    if (this.#text !== '') this.#lines = undefined;
  }

  get extent(): Extent {
    const lines = this.#split();
    let longest = 0;
    let total = 0;
    for (let index = 0; index < lines.length; index += 2) {
      const length = `${lines[index]}`.length + 2 + `${lines[index + 1]}`.length;
      longest = Math.max(longest, length);
      total += length;
    }
    return { lines: lines.length / 2, longest, total };
  }

  /** The value, or the values of a repeated header joined by commas, cookies by semicolons. */
  get(name: string): string | undefined {
    const index = this.#find(name, 0);
    if (index === -1) return undefined;
    const lines = this.#split();
    let value = lines[index + 1];
    for (let next = index; (next = this.#find(name, next + 2)) !== -1;) {
      const between = isSameName(name, 'cookie') ? '; ' : ', ';
      value = `${value}${between}${lines[next + 1]}`;
    }
    return value;
  }

  /** The values of every line with this name. */
  all(name: string): string[] {
    const values: string[] = [];
    for (let index = -2; (index = this.#find(name, index + 2)) !== -1;) {
      values.push(`${this.#split()[index + 1]}`);
    }
    return values;
  }

  has(name: string): boolean {
    return this.#find(name, 0) !== -1;
  }

  /** Where the next line with a name is, from an even index on; -1 for nowhere. */
  #find(name: string, from: number): number {
    const lines = this.#split();
    for (let index = from; index < lines.length; index += 2) {
      if (isSameName(name, lines[index])) return index;
    }
    return -1;
  }

  #split(): readonly string[] {
    return (this.#lines ??= splitLines(this.#text, this.#start));
  }

  *entries(): IterableIterator<[name: string, value: string]> {
    let name: string | undefined;
    for (const part of this.#split()) {
      if (name !== undefined) yield [name, part];
      name = name === undefined ? part : undefined;
    }
  }

  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.entries();
  }
}

/** Lines as a list: themselves if they are one already. */
export function headerListOf(headers: Iterable<Header>): HeaderList {
  return headers instanceof HeaderList ? headers : new HeaderList(headers);
}

function splitLines(text: string, start: number): string[] {
  const lines: string[] = [];
  // An empty line ends the head.
  for (let at = start; at < text.length && text[at] !== '\r';) {
    const colon = text.indexOf(':', at);
    const end = text.indexOf('\r', colon);
    lines.push(text.slice(at, colon), trimWhiteSpace(text, colon + 1, end));
    at = end + 2;
  }
  return lines;
}

/** Whether names are the same without case. */
function isSameName(one: string, other: string | undefined): boolean {
  // Most differ in length or in their beginning, or are spelt as usual.
  if (other === undefined || one.length !== other.length) return false;
  if (one === other) return true;
  // Letters that differ in case differ in this bit alone.
  const differing = one.charCodeAt(0) ^ other.charCodeAt(0);
  return (differing & ~32) === 0 && one.toLowerCase() === other.toLowerCase();
}

/** Whether the Connection header has the token Upgrade, in any case (RFC 6455 §4.1, §4.2.1). */
export function listsUpgrade(headers: HeaderList): boolean {
  const connection = headers.get('Connection') ?? '';
  if (connection === 'Upgrade') return true;
  const tokens = parseTokens(connection) ?? [];
  return tokens.some((token) => token.toLowerCase() === 'upgrade');
}

/** Headers that belong to the opening handshake or to the framing of HTTP. */
const ownNames: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
  'transfer-encoding',
  'upgrade',
]);

/** The application's headers; a TypeError when one is malformed or belongs to the handshake. */
export function checkHeaders(headers: Iterable<Header>): Header[] {
  const checked = [...headers];
  for (const [name, value] of checked) {
    checkHeader(name, value);
    if (ownNames.has(name.toLowerCase())) {
      throw new TypeError(`the header ${name} belongs to the opening handshake`);
    }
  }
  return checked;
}

/** Headers as an object, as pairs or as a Headers; an array makes one line for each element. */
export type HeadersGiven =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [name: string, value: string]>;

/** The lines that were given, frozen; a TypeError when they are none that an application may set. */
export function headerLines(given: unknown, name: string): readonly Header[] {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`${name} must be an object, pairs or a Headers`);
  }
  const entries: Iterable<readonly [string, unknown]> =
    Symbol.iterator in given ? (given as Iterable<Header>) : Object.entries(given);
  const lines: Header[] = [];
  for (const [key, values] of entries) {
    const list: readonly unknown[] = Array.isArray(values) ? values : [values];
    for (const value of list) {
      if (value !== undefined)
        lines.push([key, textOf(value, `${name}.${key}`, 'a string or an array of strings')]);
    }
  }
  return Object.freeze(checkHeaders(lines));
}

function textOf(value: unknown, name: string, allowed = 'a string'): string {
  if (typeof value === 'string') return value;
  const found = value === null ? 'null' : `a value of type ${typeof value}`;
  throw new TypeError(`${name} must be ${allowed}, but is ${found}`);
}

/** The lines of a head, without white space around the values; a TypeError for anything else. */
export function trimmedHeaders(headers: readonly Header[]): Header[] {
  if (!Array.isArray(headers)) {
    throw new TypeError('headers must be an array of pairs of a name and a value');
  }
  return headers.map((header: Header): Header => {
    const [name, value] = header;
    if (typeof name !== 'string') {
      throw new TypeError('headers must be an array of pairs of a name and a value');
    }
    const trimmed = trimWhiteSpace(textOf(value, `headers.${name}`));
    return trimmed === value ? header : [name, trimmed];
  });
}

/** Whether one of the lines is none that a head may have (RFC 7230 §3.2). */
export function hasMalformedLine(headers: readonly Header[]): boolean {
  return headers.some(([name, value]) => !isToken(name) || !isHeaderValue(value));
}

function checkHeader(name: string, value: string): void {
  if (!isToken(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a header`);
  if (typeof value !== 'string' || !isHeaderValue(value)) {
    throw new TypeError(`the header ${name} has a value that no header may have`);
  }
}

/** The bytes of a head; a header that would break it is a TypeError (RFC 7230 §3). */
export function formatHead(firstLine: string, headers: Iterable<Header>): Uint8Array {
  let text = `${firstLine}\r\n`;
  for (const [name, value] of headers) {
    checkHeader(name, value);
    text += `${name}: ${value}\r\n`;
  }
  return encodeLatin1(`${text}\r\n`);
}
