import { Buffer } from 'node:buffer';

import type { RequestCase } from '../case.ts';
import { encode, text } from '../wire/frame.ts';
import { hasToken, header, openingRequest } from '../wire/http.ts';
import type { Head, RequestChange } from '../wire/http.ts';

type Row = readonly [
  title: string,
  change: RequestChange,
  status: readonly number[],
  tolerated?: readonly number[],
];
type More = Partial<Pick<RequestCase, 'check' | 'setup'>>;

function table(group: string, rows: readonly Row[], more: More = {}): RequestCase[] {
  return rows.map(([title, change, status, tolerated], i) => ({
    kind: 'request',
    id: `${group}.${i + 1}`,
    title,
    change,
    status,
    ...more,
    ...(tolerated === undefined ? {} : { tolerated }),
  }));
}

const set = (name: string, value: string): RequestChange => ({ set: { [name]: value } });
const without = (...names: string[]): RequestChange => ({ without: names });
const line = (text: string): RequestChange => ({ line: text });

/** 20.1: the request line, and what a request must not carry (RFC 6455 §4.2.1). */
const lineCases = table('20.1', [
  ['POST', line('POST PATH HTTP/1.1'), [405], [400, 404, 501]],
  ['HEAD', line('HEAD PATH HTTP/1.1'), [405], [400, 404, 501]],
  ['HTTP/1.0', line('GET PATH HTTP/1.0'), [400, 505]],
  ['HTTP/2.0', line('GET PATH HTTP/2.0'), [400, 505], [0, 101]],
  ['a version that is none', line('GET PATH HTTP/a.1'), [400], [0]],
  ['a line that is none', line('foofoofoo'), [400], [0]],
  ['an unknown method', line('XXX PATH HTTP/1.1'), [405, 400], [501]],
  ['a body announced by its length', set('Content-Length', '8'), [400], [413]],
  ['a chunked body', set('Transfer-Encoding', 'chunked'), [400], [411, 501]],
  ['Expect: 100-continue', set('Expect', '100-continue'), [400], [417, 101]],
  ['a header line without a colon', { add: ['no colon here'] }, [400], [0]],
  ['a folded header line', { add: ['X-Folded: a', ' b'] }, [400], [101]],
  ['a space before the colon', { add: ['X-Space : a'] }, [400]],
  ['a path nobody serves', line('GET /no-such-endpoint HTTP/1.1'), [404], [400, 101]],
]);

/** 20.2: Upgrade and Connection (RFC 6455 §4.2.1, RFC 9110 §7.8). */
const upgradeCases = table('20.2', [
  ['no Upgrade', without('Upgrade'), [400, 426]],
  ['Upgrade: h2c', set('Upgrade', 'h2c'), [400, 426]],
  ['Upgrade: wabsocket', set('Upgrade', 'wabsocket'), [400, 426]],
  ['Upgrade: websocket, h2c', set('Upgrade', 'websocket, h2c'), [400], [426, 101]],
  ['two Upgrade headers', { add: ['Upgrade: h2c'] }, [400], [426, 101]],
  ['Upgrade: WebSocket', set('Upgrade', 'WebSocket'), [101]],
  ['no Connection', without('Connection'), [400, 426]],
  ['Connection: keep-alive', set('Connection', 'keep-alive'), [400, 426]],
  ['Connection: upgraded', set('Connection', 'upgraded'), [400, 426]],
  ['Connection: keep-alive, Upgrade', set('Connection', 'keep-alive, Upgrade'), [101]],
  ['Connection: UPGRADE', set('Connection', 'UPGRADE'), [101]],
  ['two Connection headers', { add: ['Connection: keep-alive'] }, [101]],
  ['neither Upgrade nor Connection', without('Upgrade', 'Connection'), [426], [200, 400, 404]],
]);

const keyName = 'Sec-WebSocket-Key';

/** 20.3: the key decodes to 16 bytes (RFC 6455 §4.2.1). */
const keyCases = table('20.3', [
  ['no key', without(keyName), [400]],
  ['an empty key', set(keyName, ''), [400]],
  ['a key of 15 bytes', set(keyName, 'AAAAAAAAAAAAAAAAAAAA'), [400]],
  ['a key of 17 bytes', set(keyName, 'AAAAAAAAAAAAAAAAAAAAAAA='), [400]],
  ['a key with a foreign character', set(keyName, 'dGhlIHNhbXBsZSBub25jZ!=='), [400]],
  ['a key without padding', set(keyName, 'dGhlIHNhbXBsZSBub25jZQ'), [400]],
  ['two keys', { add: [`${keyName}: dGhlIHNhbXBsZSBub25jZQ==`] }, [400]],
  ['spaces around the key', set(keyName, '  dGhlIHNhbXBsZSBub25jZQ==  '), [101]],
]);

function namesVersion(head: Head): string | undefined {
  const refused = head.startLine.startsWith('HTTP/1.1 426');
  return !refused || hasToken(head, 'Sec-WebSocket-Version', '13')
    ? undefined
    : 'a 426 without Sec-WebSocket-Version: 13';
}

const versionRow = (value: string): Row => [
  `version ${value}`,
  set('Sec-WebSocket-Version', value),
  [426],
  [400],
];

/** 20.4: the version (RFC 6455 §4.2.1, §4.4). */
const versionCases = table(
  '20.4',
  [
    ['no version', without('Sec-WebSocket-Version'), [426], [400]],
    [
      'version 8, which another server may know',
      set('Sec-WebSocket-Version', '8'),
      [426],
      [400, 101],
    ],
    ...['0', '7', '12', '14', '0xd', '13.0', '1.3e1', '+13', '013', '13 13', '13, 8', 'abcd'].map(
      (value) => versionRow(value),
    ),
    ['two versions', { add: ['Sec-WebSocket-Version: 8'] }, [426], [400]],
    ['spaces around the version', set('Sec-WebSocket-Version', '  13  '), [101]],
  ],
  { check: namesVersion },
);

/** 20.5: Host and Origin (RFC 9112 §3.2, RFC 6455 §10.2). */
const originCases = table('20.5', [
  ['no Host', without('Host'), [400]],
  ['two Hosts', { add: ['Host: other.example'] }, [400]],
  ['a foreign origin', set('Origin', 'http://evil.example'), [403], [101]],
  ['the origin null', set('Origin', 'null'), [403], [101]],
  ['an origin of another port', set('Origin', 'http://127.0.0.1:1'), [403], [101]],
]).concat({
  kind: 'request',
  id: '20.5.6',
  title: 'the own origin',
  status: [101],
  bytes: (host, path, key) =>
    Buffer.from(openingRequest(host, path, key, set('Origin', `http://${host}`))),
});

const filler = (count: number, size: number): string[] =>
  Array.from({ length: count }, (_, i) => `X-Filler-${i}: ${'a'.repeat(size)}`);

/** 20.6: limits of the head. */
const limitCases = table('20.6', [
  ['a line of 17,000 B', { add: filler(1, 17_000) }, [431], [400, 0]],
  ['a line of 9,000 B', { add: filler(1, 9000) }, [431], [400, 101]],
  ['a line of 8,000 B', { add: filler(1, 8000) }, [101]],
  ['a head of 18 KiB', { add: filler(80, 220) }, [431], [400, 0]],
  ['101 lines', { add: filler(96, 4) }, [431], [400, 101]],
  ['100 lines', { add: filler(95, 4) }, [101]],
  [
    'a target of 9,000 B',
    line(`GET PATH?${'a'.repeat(9000)} HTTP/1.1`),
    [414],
    [400, 404, 431, 101],
  ],
]);

const offered = (value: string): RequestChange => set('Sec-WebSocket-Protocol', value);

function chosen(group: string, expected: string | undefined, rows: readonly Row[]): RequestCase[] {
  const check = (head: Head): string | undefined => {
    const given = header(head, 'Sec-WebSocket-Protocol');
    return given === expected || !/ 101/.test(head.startLine) ? undefined : `subprotocol ${given}`;
  };
  return table(group, rows, { check, setup: 'subprotocols' });
}

/** 20.7: subprotocols, of a server that has chat and superchat (RFC 6455 §4.2.2). */
const subprotocolCases = [
  ...chosen('20.7.1', 'chat', [
    ['chat, superchat', offered('chat, superchat'), [101]],
    ['foo, chat', offered('foo, chat'), [101]],
    [
      'foo and chat on two lines',
      { set: { 'Sec-WebSocket-Protocol': 'foo' }, add: ['Sec-WebSocket-Protocol: chat'] },
      [101],
    ],
    ['chat twice', offered('chat, chat'), [101, 400]],
  ]),
  ...chosen('20.7.2', 'superchat', [['superchat, chat', offered('superchat, chat'), [101]]]),
  ...chosen('20.7.3', undefined, [
    ['foo only', offered('foo'), [101], [400]],
    ['none', {}, [101], [400]],
    ['Chat, which is not chat', offered('Chat'), [101], [400]],
    ['a name that is no token', offered('ch@t'), [400], [101]],
  ]),
];

function raw(id: string, title: string, more: Partial<RequestCase>): RequestCase {
  return { kind: 'request', id, title, status: [101], ...more };
}

const glued = text('glued');
const request = (host: string, path: string, key: string): Buffer =>
  Buffer.from(openingRequest(host, path, key));

/** 20.8: how the bytes of a request arrive. */
const arrivalCases = [
  raw('20.8.1', 'the request byte by byte', { chop: 1 }),
  raw('20.8.2', 'a frame behind the request in the same write', {
    glued: 'glued',
    bytes: (...facts) => Buffer.concat([request(...facts), encode(glued, 'client')]),
  }),
  raw('20.8.3', 'the same in writes of 100 B', {
    glued: 'glued',
    chop: 100,
    bytes: (...facts) => Buffer.concat([request(...facts), encode(glued, 'client')]),
  }),
  raw('20.8.4', 'an empty line before the request', {
    tolerated: [400],
    bytes: (...facts) => Buffer.concat([Buffer.from('\r\n'), request(...facts)]),
  }),
  raw('20.8.5', 'a TLS hello', {
    status: [400, 0],
    bytes: () => Buffer.from('16030100a5010000a103030d0a0d0a', 'hex'),
  }),
  raw('20.8.6', 'the preface of HTTP/2', {
    status: [400, 505, 0],
    bytes: () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  }),
];

/** Group 20: opening requests to a server (RFC 6455 §4.2). */
export const requestCases: readonly RequestCase[] = [
  ...lineCases,
  ...upgradeCases,
  ...keyCases,
  ...versionCases,
  ...originCases,
  ...limitCases,
  ...subprotocolCases,
  ...arrivalCases,
];
