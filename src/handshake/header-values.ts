const tokenCharacters = "!#$%&'*+-.^_`|~0-9A-Za-z";
const tokenPattern = new RegExp(`^[${tokenCharacters.replace('-.', '\\-.')}]+$`);
const tokenRun = new RegExp(tokenPattern.source.slice(1, -1), 'y');
const quotedRun = /"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"/y;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const forbiddenInValue = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * As many header lines of a head as there are from `lastIndex` on: a token, a colon, a value with the
 * white space around it. No character fits two of their parts, so that a failure costs no more than
 * a line is long.
 */
export const headerRun = new RegExp(
  `(?:${tokenPattern.source.slice(1, -1)}:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n)*`,
  'y',
);

/** Whether a text is a token: a header's name, a method, a subprotocol (RFC 7230 §3.2.6). */
export function isToken(text: string): boolean {
  return tokenPattern.test(text);
}

/** Whether a text may be a header's value: no control character but tabs (RFC 7230 §3.2). */
export function isHeaderValue(text: string): boolean {
  return !forbiddenInValue.test(text);
}

/** A text, or a range of it, without spaces and tabs around it (RFC 7230 §3.2.3). */
export function trimWhiteSpace(text: string, from = 0, to = text.length): string {
  let start = from;
  while (start < to && isWhiteSpace(text, start)) start++;
  let end = to;
  while (end > start && isWhiteSpace(text, end - 1)) end--;
  return text.slice(start, end);
}

function isWhiteSpace(text: string, index: number): boolean {
  const character = text[index];
  return character === ' ' || character === '\t';
}

/** The tokens of a list that has at least one, or undefined when it is no such list (RFC 7230 §7). */
export function parseTokens(list: string): string[] | undefined {
  const tokens: string[] = [];
  for (const item of list.split(',')) {
    const token = trimWhiteSpace(item);
    if (token === '') continue;
    if (!isToken(token)) return undefined;
    tokens.push(token);
  }
  return tokens.length > 0 ? tokens : undefined;
}

/** A parameter of an extension; without a value it is undefined, one that is no token is ''. */
export type ExtensionParameter = readonly [name: string, value: string | undefined];

/** One element of Sec-WebSocket-Extensions (RFC 6455 §9.1). */
export interface Extension {
  readonly name: string;
  readonly parameters: readonly ExtensionParameter[];
}

/** The elements of a Sec-WebSocket-Extensions value, or undefined when it is malformed. */
export function parseExtensions(value: string): Extension[] | undefined {
  const reader = new ValueReader(value);
  const extensions: Extension[] = [];
  do {
    if (reader.atElementEnd()) continue;
    const extension = readExtension(reader);
    if (extension === undefined || !reader.atElementEnd()) return undefined;
    extensions.push(extension);
  } while (reader.take(','));
  return reader.atEnd() && extensions.length > 0 ? extensions : undefined;
}

function readExtension(reader: ValueReader): Extension | undefined {
  const name = reader.token();
  if (name === undefined) return undefined;
  const parameters: ExtensionParameter[] = [];
  while (reader.take(';')) {
    const key = reader.token();
    if (key === undefined) return undefined;
    parameters.push([key, reader.take('=') ? reader.parameterValue() : undefined]);
  }
  return { name, parameters };
}

/** Reads a header's value from left to right; white space between its parts is skipped. */
class ValueReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  take(separator: string): boolean {
    this.#skipWhiteSpace();
    if (this.#text[this.#position] !== separator) return false;
    this.#position++;
    return true;
  }

  atEnd(): boolean {
    this.#skipWhiteSpace();
    return this.#position === this.#text.length;
  }

  atElementEnd(): boolean {
    return this.atEnd() || this.#text[this.#position] === ',';
  }

  token(): string | undefined {
    this.#skipWhiteSpace();
    return this.#match(tokenRun);
  }

  // An empty or otherwise odd value declines one offer only, so it is told apart from bad grammar.
  parameterValue(): string {
    const token = this.token();
    if (token !== undefined) return token;
    const quoted = this.#match(quotedRun);
    const value = quoted?.slice(1, -1).replace(/\\(.)/g, '$1');
    return value !== undefined && isToken(value) ? value : '';
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }

  #skipWhiteSpace(): void {
    while (isWhiteSpace(this.#text, this.#position)) this.#position++;
  }
}
