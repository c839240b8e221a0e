import { Buffer } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

/** A request's or response's head, as it was on the wire. */
export interface Head {
  readonly startLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The bytes that came behind the head. */
  readonly rest: Buffer;
}

/** Reads the value of a header; several are joined with a comma (RFC 9110 §5.3). */
export function header(head: Head, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const values = head.headers.filter(([key]) => key.toLowerCase() === wanted);
  return values.length === 0 ? undefined : values.map(([, value]) => value).join(', ');
}

/** Tells whether a comma-separated header has the token, whatever its case. */
export function hasToken(head: Head, name: string, token: string): boolean {
  const tokens = (header(head, name) ?? '').toLowerCase().split(',');
  return tokens.some((one) => one.trim() === token);
}

/** The status code of a response's head, or 0 where there is none. */
export function status(head: Head): number {
  return Number(/^HTTP\/1\.1 (\d{3})( |$)/.exec(head.startLine)?.[1] ?? 0);
}

/** Computes Sec-WebSocket-Accept for a key (RFC 6455 §4.2.2). */
export function acceptKey(key: string): string {
  const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  return createHash('sha1')
    .update(key + guid)
    .digest('base64');
}

/** Draws a Sec-WebSocket-Key (RFC 6455 §4.1). */
export function randomKey(): string {
  return randomBytes(16).toString('base64');
}

function parseHead(bytes: Buffer, end: number): Head {
  const [startLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return { startLine, headers, rest: Buffer.from(bytes.subarray(end + 4)) };
}

/** Reads one head; undefined when the peer ends first or the time (ms) is over. */
export function readHead(socket: Socket, timeout: number): Promise<Head | undefined> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const finish = (head: Head | undefined): void => {
      clearTimeout(timer);
      socket.pause();
      socket.off('data', onData).off('end', onEnd).off('close', onEnd);
      resolve(head);
    };
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end >= 0) finish(parseHead(bytes, end));
    };
    const onEnd = (): void => finish(undefined);
    const timer = setTimeout(onEnd, timeout);
    socket.on('data', onData).on('end', onEnd).on('close', onEnd);
    socket.resume();
  });
}

/** What a request differs in from a valid one. */
export interface RequestChange {
  /** The start line; PATH in it stands for the path. */
  readonly line?: string;
  /** Headers to leave out. */
  readonly without?: readonly string[];
  /** Headers to replace, or to add where there is none of the name. */
  readonly set?: Readonly<Record<string, string>>;
  /** Raw lines to add behind all others. */
  readonly add?: readonly string[];
}

/** Writes an opening request, a valid one but for `change` (RFC 6455 §4.1). */
export function openingRequest(
  host: string,
  path: string,
  key: string,
  change: RequestChange = {},
): string {
  const headers = new Map<string, string>([
    ['Host', host],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', key],
    ...Object.entries(change.set ?? {}),
  ]);
  for (const name of change.without ?? []) headers.delete(name);
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  const line = (change.line ?? 'GET PATH HTTP/1.1').replace('PATH', path);
  const all = [line, ...lines, ...(change.add ?? [])];
  return `${all.join('\r\n')}\r\n\r\n`;
}

/** Writes an opening response (RFC 6455 §4.2.2), a valid one but for `change`. */
export function openingResponse(key: string, change: RequestChange = {}): string {
  const headers = new Map<string, string>([
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', acceptKey(key)],
    ...Object.entries(change.set ?? {}),
  ]);
  for (const name of change.without ?? []) headers.delete(name);
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  const all = [change.line ?? 'HTTP/1.1 101 Switching Protocols', ...lines, ...(change.add ?? [])];
  return `${all.join('\r\n')}\r\n\r\n`;
}
