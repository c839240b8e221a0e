import { Buffer } from 'node:buffer';

import type { ResponseCase } from '../case.ts';
import { encode, text } from '../wire/frame.ts';
import { acceptKey, hasToken, header } from '../wire/http.ts';
import type { Head, RequestChange } from '../wire/http.ts';

type Change = NonNullable<ResponseCase['change']>;
type Row = readonly [title: string, change: Change, opens: boolean, tolerated?: boolean];

function table(
  group: string,
  rows: readonly Row[],
  more: Partial<ResponseCase> = {},
): ResponseCase[] {
  return rows.map(([title, change, opens, tolerated = false], i) => ({
    kind: 'response',
    id: `${group}.${i + 1}`,
    title,
    change,
    opens,
    tolerated,
    ...more,
  }));
}

const set = (name: string, value: string): RequestChange => ({ set: { [name]: value } });
const without = (...names: string[]): RequestChange => ({ without: names });
const status = (line: string): RequestChange => ({ line, set: { 'Content-Length': '0' } });

/** 21.1: the status line (RFC 6455 §4.1). */
const statusCases = table('21.1', [
  ...[
    '200 OK',
    '400 Bad Request',
    '401 Unauthorized',
    '404 Not Found',
    '500 Oops',
    '204 No Content',
    '1010 Switching Protocols',
  ].map((text): Row => [text, status(`HTTP/1.1 ${text}`), false]),
  [
    '302 to elsewhere',
    { line: 'HTTP/1.1 302 Found', set: { 'Content-Length': '0', Location: 'ws://127.0.0.1:1/' } },
    false,
  ],
  ['101 without a reason phrase', { line: 'HTTP/1.1 101 ' }, true],
  ['101 in HTTP/1.0', { line: 'HTTP/1.0 101 Switching Protocols' }, false, true],
  ['a line that is none', { line: 'SSH-2.0-server' }, false],
]);

const acceptName = 'Sec-WebSocket-Accept';
const keyOf = (request: Head): string => header(request, 'Sec-WebSocket-Key') ?? '';
const accept =
  (value: (key: string) => string): Change =>
  (request) =>
    set(acceptName, value(keyOf(request)));

/** 21.2: Upgrade and Connection (RFC 6455 §4.1). */
const upgradeCases = table('21.2', [
  ['no Upgrade', without('Upgrade'), false],
  ['Upgrade: foo', set('Upgrade', 'foo'), false],
  ['Upgrade: WebSocket', set('Upgrade', 'WebSocket'), true],
  ['no Connection', without('Connection'), false],
  ['Connection: close', set('Connection', 'close'), false],
  ['Connection: keep-alive, upgrade', set('Connection', 'keep-alive, upgrade'), true],
]);

/** 21.3: Sec-WebSocket-Accept (RFC 6455 §4.1). */
const acceptCases = table('21.3', [
  ['no accept', without(acceptName), false],
  ['an empty accept', set(acceptName, ''), false],
  ['a wrong accept', set(acceptName, 's3pPLMBiTxaQ9kYGzzhZRbK+xO0='), false],
  ['the accept of another key', set(acceptName, acceptKey('dGhlIHNhbXBsZSBub25jZQ==')), false],
  ['the key itself', accept((key) => key), false],
  ['the accept in small letters', accept((key) => acceptKey(key).toLowerCase()), false],
  ['spaces around the accept', accept((key) => `  ${acceptKey(key)}  `), true],
]);

const protocol = (value: string): RequestChange => set('Sec-WebSocket-Protocol', value);

/** 21.4: subprotocols, of a client that offers chat and superchat, or none (RFC 6455 §4.1). */
const subprotocolCases = [
  ...table('21.4.1', [['one that nobody offered', protocol('chat'), false]]),
  ...table(
    '21.4.2',
    [
      ['the second of two', protocol('superchat'), true],
      ['one not offered', protocol('foo'), false],
      ['both', protocol('chat, superchat'), false],
      ['Chat, which is not chat', protocol('Chat'), false],
      ['none of the two', {}, false, true],
    ],
    { setup: 'subprotocols' },
  ),
];

const extension = (value: string): RequestChange => set('Sec-WebSocket-Extensions', value);

/** 21.5: extensions nobody asked for (RFC 6455 §4.1). */
const extensionCases = [
  ...table('21.5.1', [['an unknown extension', extension('x-unknown'), false]]),
  ...table('21.5.2', [['deflate that was not offered', extension('permessage-deflate'), false]], {
    setup: 'plain',
  }),
];

const frame = encode(text('probe'), 'server');
const bytes = (response: Buffer): Buffer[] => [...response].map((byte) => Buffer.from([byte]));
const cutAt = (response: Buffer, at: number): Buffer[] => [
  response.subarray(0, at),
  response.subarray(at),
];

function arrival(id: string, title: string, pieces: ResponseCase['pieces']): ResponseCase[] {
  return table(id, [[title, {}, true]], pieces === undefined ? {} : { pieces });
}

/** 21.6: how the bytes of a response arrive. */
const arrivalCases = [
  ...arrival('21.6.1', 'byte by byte', bytes),
  ...arrival('21.6.2', 'cut inside the last empty line', (all) => cutAt(all, all.length - 2)),
  ...arrival('21.6.3', 'a frame glued to it', (all) => [Buffer.concat([all, frame])]),
  ...arrival('21.6.4', 'half a frame glued to it, then the other half', (all) =>
    cutAt(Buffer.concat([all, frame]), all.length + 3),
  ),
  ...arrival('21.6.5', 'header names in small letters', (all) => [
    Buffer.from(all.toString().replaceAll(/^[\w-]+:/gm, (name) => name.toLowerCase())),
  ]),
];

const filler = (count: number, size: number): string[] =>
  Array.from({ length: count }, (_, i) => `X-Filler-${i}: ${'a'.repeat(size)}`);

/** 21.7: limits of the head. */
const limitCases = table('21.7', [
  ['a line of 17,000 B', { add: filler(1, 17_000) }, false, true],
  ['a head of 40 KiB', { add: filler(90, 450) }, false, true],
  ['101 lines', { add: filler(98, 4) }, false, true],
  ['100 lines', { add: filler(97, 4) }, true],
]);

const seenKeys = new Set<string>();

function wrongWithRequest(request: Head): string | undefined {
  const key = keyOf(request);
  const fresh = !seenKeys.has(key);
  seenKeys.add(key);
  const facts: readonly (readonly [boolean, string])[] = [
    [/^GET \/runCase\?\S* HTTP\/1\.1$/.test(request.startLine), request.startLine],
    [header(request, 'Upgrade')?.toLowerCase() === 'websocket', 'Upgrade'],
    [hasToken(request, 'Connection', 'upgrade'), 'Connection'],
    [header(request, 'Sec-WebSocket-Version') === '13', 'Sec-WebSocket-Version'],
    [/^127\.0\.0\.1:\d+$|^localhost:\d+$/.test(header(request, 'Host') ?? ''), 'Host'],
    [/^[\w+/]{22}==$/.test(key) && fresh, 'Sec-WebSocket-Key'],
  ];
  const wrong = facts.find(([right]) => !right);
  return wrong === undefined ? undefined : `the request's ${wrong[1]}`;
}

/** 21.8: the client's own request, with a key of its own each time (RFC 6455 §4.1). */
const ownRequestCases = table(
  '21.8',
  [
    ['the request', {}, true],
    ['a second request', {}, true],
    ['a third request', {}, true],
  ],
  { check: wrongWithRequest },
);

/** Group 21: opening responses to a client (RFC 6455 §4.1). */
export const responseCases: readonly ResponseCase[] = [
  ...statusCases,
  ...upgradeCases,
  ...acceptCases,
  ...subprotocolCases,
  ...extensionCases,
  ...arrivalCases,
  ...limitCases,
  ...ownRequestCases,
];
