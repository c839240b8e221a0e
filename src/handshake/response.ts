import { allocate, utf8Length, writeUtf8 } from '#platform';

import type { DeflateParameters } from '../protocol/extension/permessage-deflate.ts';
import { acceptKey } from './accept-key.ts';
import { type Accepted, type Decision, type Header, refuse, type Refused } from './decision.ts';
import type { Refusal } from './errors.ts';
import {
  checkHeaders,
  formatHead,
  HeaderList,
  headerListOf,
  listsUpgrade,
  trimmedHeaders,
} from './header-list.ts';
import {
  type Extension,
  isHeaderValue,
  isToken,
  parseExtensions,
  parseTokens,
} from './header-values.ts';
import { knowsUpgrade, type ResponseHead } from './http-head.ts';
import { acceptDeflate, judgeExtensions, selectSubprotocol } from './negotiate.ts';

/** The subprotocols a request offers, or undefined when the list is malformed (RFC 6455 §11.3.4). */
export function offeredSubprotocols(headers: HeaderList): string[] | undefined {
  const list = headers.get('Sec-WebSocket-Protocol');
  if (list === undefined) return [];
  const names = parseTokens(list);
  return names !== undefined && new Set(names).size === names.length ? names : undefined;
}

/** The extensions a request offers, or undefined when the list is malformed (RFC 6455 §9.1). */
export function offeredExtensions(headers: HeaderList): Extension[] | undefined {
  const list = headers.get('Sec-WebSocket-Extensions');
  return list === undefined ? [] : parseExtensions(list);
}

/** What an application may decide about a request that is accepted. */
export interface Choices {
  /** Further headers of the 101. */
  readonly headers?: Iterable<Header>;
  /** One the client offered; undefined keeps what was negotiated. */
  readonly subprotocol?: string | undefined;
  /** False refuses what the client offered; undefined keeps what was negotiated. */
  readonly compression?: DeflateParameters | false | undefined;
}

/** Accepts a judged request with the application's choices; a wrong one is a TypeError. */
export function amendAcceptance(
  accepted: Accepted,
  request: { readonly headers: Iterable<Header> },
  choices: Choices,
): Accepted {
  const { subprotocol = accepted.subprotocol, compression } = choices;
  if (choices.headers === undefined && choices.subprotocol === undefined) {
    if (compression === undefined) return accepted;
  }
  const headers = headerListOf(request.headers);
  if (subprotocol !== undefined && !offeredSubprotocols(headers)?.includes(subprotocol)) {
    throw new TypeError(`the client did not offer the subprotocol ${JSON.stringify(subprotocol)}`);
  }
  const deflate = compression === undefined ? accepted : negotiateDeflate(headers, compression);
  return acceptance(headers, subprotocol, deflate, choices.headers);
}

type Deflate = Pick<Accepted, 'extensions' | 'deflate'>;

function negotiateDeflate(headers: HeaderList, wanted: DeflateParameters | false): Deflate {
  const offers = offeredExtensions(headers) ?? [];
  const agreed = wanted === false ? undefined : acceptDeflate(offers, wanted);
  return { extensions: agreed?.header ?? '', deflate: agreed?.parameters };
}

/** Accepts a request that has been found good (RFC 6455 §4.2.2). */
export function accept(
  headers: HeaderList,
  supported: readonly string[],
  wanted: DeflateParameters | false,
): Accepted {
  const subprotocol = selectSubprotocol(offeredSubprotocols(headers) ?? [], supported);
  return acceptance(headers, subprotocol, negotiateDeflate(headers, wanted));
}

/** Of every 101, and so the same for all. */
const upgradeLine: Header = Object.freeze(['Upgrade', 'websocket'] as const);
const connectionLine: Header = Object.freeze(['Connection', 'Upgrade'] as const);
const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade';

function acceptance(
  request: HeaderList,
  subprotocol: string | undefined,
  { extensions, deflate }: Deflate,
  further?: Iterable<Header>,
): Accepted {
  const headers: Header[] = [
    upgradeLine,
    connectionLine,
    ['Sec-WebSocket-Accept', acceptKey(request.get('Sec-WebSocket-Key') ?? '')],
  ];
  if (subprotocol !== undefined) headers.push(['Sec-WebSocket-Protocol', subprotocol]);
  if (extensions !== '') headers.push(['Sec-WebSocket-Extensions', extensions]);
  if (further !== undefined) headers.push(...checkHeaders(further));
  return { accepted: true, headers, subprotocol, extensions, deflate };
}

/** What a client holds an answer against. */
export interface Expected {
  /** The Sec-WebSocket-Key that was sent. */
  readonly key: string;
  /** Those that were offered. Default: none. */
  readonly subprotocols?: readonly string[];
  /** Whether one of the offered subprotocols must be chosen. Default: true. */
  readonly requireSubprotocol?: boolean;
  /** The Sec-WebSocket-Extensions that was sent. Default: '', none. */
  readonly extensions?: string;
}

/** Judges a server's answer (RFC 6455 §4.1); a refusal carries its status and headers. */
export function judgeResponse(response: ResponseHead, expected: Expected): Decision {
  const trimmed = trimmedHeaders(response.headers);
  const headers = new HeaderList(trimmed);
  const refusal =
    judgeStatus(response, headers) ??
    judgeSwitch(headers, expected.key) ??
    judgeSubprotocol(headers.get('Sec-WebSocket-Protocol'), expected);
  if (refusal !== undefined) return refuseAnswer(refusal, response);
  const deflate = judgeDeflate(headers.get('Sec-WebSocket-Extensions'), expected.extensions ?? '');
  if (typeof deflate === 'string') return refuseAnswer(deflate, response);
  const subprotocol = headers.get('Sec-WebSocket-Protocol');
  return { accepted: true, headers: trimmed, subprotocol, ...deflate };
}

function refuseAnswer(refusal: Refusal, { statusCode, headers }: ResponseHead): Refused {
  return refuse(refusal, { status: statusCode, headers, body: '' });
}

function judgeStatus(
  { statusCode, httpVersion = '1.1' }: ResponseHead,
  headers: HeaderList,
): Refusal | undefined {
  for (const [name, value] of headers) {
    if (!isToken(name) || !isHeaderValue(value)) return 'ANSWER_MALFORMED';
  }
  if (statusCode === 101) return knowsUpgrade(httpVersion) ? undefined : 'ANSWER_HTTP_VERSION';
  if (statusCode === 401 || statusCode === 403) return 'STATUS_UNAUTHORIZED';
  const versions = headers.get('Sec-WebSocket-Version');
  const known = versions === undefined || (parseTokens(versions) ?? []).includes('13');
  return known ? 'STATUS_NOT_101' : 'STATUS_VERSION';
}

function judgeSwitch(headers: HeaderList, key: string): Refusal | undefined {
  const upgrade = headers.get('Upgrade');
  if (upgrade === undefined) return 'ANSWER_UPGRADE_MISSING';
  if (upgrade.toLowerCase() !== 'websocket') return 'ANSWER_UPGRADE_INVALID';
  if (!listsUpgrade(headers)) return 'ANSWER_CONNECTION_INVALID';
  const proof = headers.get('Sec-WebSocket-Accept');
  if (proof === undefined) return 'ACCEPT_MISSING';
  return proof === acceptKey(key) ? undefined : 'ACCEPT_WRONG';
}

function judgeSubprotocol(chosen: string | undefined, expected: Expected): Refusal | undefined {
  const { subprotocols = [], requireSubprotocol = true } = expected;
  if (chosen !== undefined)
    return subprotocols.includes(chosen) ? undefined : 'SUBPROTOCOL_UNOFFERED';
  return requireSubprotocol && subprotocols.length > 0 ? 'SUBPROTOCOL_MISSING' : undefined;
}

function judgeDeflate(answer: string | undefined, offered: string): Deflate | Refusal {
  if (answer === undefined) return { extensions: '', deflate: undefined };
  const agreed = judgeExtensions(answer, offered);
  if (agreed === 'unoffered') return 'EXTENSION_UNOFFERED';
  if (agreed === 'invalid') return 'EXTENSION_INVALID';
  return { extensions: answer, deflate: agreed.parameters };
}

const reasons: Readonly<Record<number, string>> = {
  101: 'Switching Protocols',
  200: 'OK',
  301: 'Moved Permanently',
  302: 'Found',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  414: 'URI Too Long',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** The bytes a server answers with; a header that would break the head is a TypeError. */
export function formatResponse(decision: Decision): Uint8Array {
  const status = decision.accepted ? 101 : decision.status;
  const firstLine = `HTTP/1.1 ${status} ${reasons[status] ?? ''}`;
  if (decision.accepted) return formatAcceptance(firstLine, decision.headers);
  const head = formatHead(firstLine, refusalHeaders(decision));
  const answer = allocate(head.length + utf8Length(decision.body));
  answer.set(head);
  writeUtf8(decision.body, answer, head.length);
  return answer;
}

function formatAcceptance(firstLine: string, headers: readonly Header[]): Uint8Array {
  // Lines that all have in common are put together once: a third of what a 101 takes.
  if (headers[0] !== upgradeLine || headers[1] !== connectionLine) {
    return formatHead(firstLine, headers);
  }
  return formatHead(switching, headers.slice(2));
}

const framingNames: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'transfer-encoding',
]);

/**
 * All headers of a refusal: its own, the length and type of its body, and that nothing follows. An
 * Upgrade among them is named by Connection (RFC 7230 §6.7).
 */
export function refusalHeaders({ headers, body }: Refused): Header[] {
  const kept = headers.filter(([name]) => !framingNames.has(name.toLowerCase()));
  const names = new HeaderList(kept);
  if (!names.has('content-type')) kept.unshift(['Content-Type', 'text/plain; charset=utf-8']);
  const connection = names.has('upgrade') ? 'close, Upgrade' : 'close';
  return [['Connection', connection], ['Content-Length', String(utf8Length(body))], ...kept];
}
