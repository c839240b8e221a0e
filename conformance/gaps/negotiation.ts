import { Buffer } from 'node:buffer';

import type { Case, FrameCase, Judgement, RequestCase, ResponseCase, Role } from '../case.ts';
import { answered } from '../cases/build.ts';
import { exchange } from '../cases/data.ts';
import { Random } from '../cases/random.ts';
import type { Link } from '../fuzzer/link.ts';
import { header } from '../wire/http.ts';
import type { Head } from '../wire/http.ts';
import { parseExtensions } from '../wire/negotiation.ts';
import type { Wish } from '../wire/negotiation.ts';

const name = 'permessage-deflate';
const field = 'Sec-WebSocket-Extensions';

function offer(
  id: string,
  value: string,
  agreed: boolean | 'either',
  more: Partial<RequestCase> = {},
): RequestCase {
  const check = (head: Head): string | undefined => {
    const answer = header(head, field);
    if (!/ 101/.test(head.startLine) || agreed === 'either') return undefined;
    return (answer !== undefined) === agreed ? undefined : `${field}: ${answer ?? 'none'}`;
  };
  const title = `offer ${value.length > 80 ? `${value.slice(0, 77)}...` : value}`;
  const change = { set: { [field]: value } };
  return { kind: 'request', id, title, change, status: [101], check, ...more };
}

const badParameters = [
  'server_max_window_bits=7',
  'server_max_window_bits=16',
  'server_max_window_bits=1e1',
  'server_max_window_bits=010',
  'server_max_window_bits=""',
  'server_max_window_bits',
  'server_max_window_bits=-9',
  'client_max_window_bits=7',
  'client_max_window_bits=16',
  'client_max_window_bits=0',
  'client_max_window_bits=9.0',
  'server_no_context_takeover=1',
  'client_no_context_takeover=true',
  'x_unknown',
  'x_unknown=1',
  'server_no_context_takeover; server_no_context_takeover',
  'server_max_window_bits=10; server_max_window_bits=10',
  'client_max_window_bits; client_max_window_bits=10',
];
const goodParameters = [
  '',
  'server_no_context_takeover',
  'client_no_context_takeover',
  'client_max_window_bits',
  'client_max_window_bits=9',
  'client_max_window_bits=15',
  'server_max_window_bits=9',
  'server_max_window_bits=15',
  'server_max_window_bits="10"',
  'server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; ' +
    'client_max_window_bits=11',
];
const withName = (parameters: string): string =>
  parameters === '' ? name : `${name}; ${parameters}`;

/** 27.1 to 27.4: offers to a server (RFC 7692 §5, §7.1). */
const offerCases: RequestCase[] = [
  ...badParameters.map((parameters, i) =>
    offer(`27.1.${i + 1}`, withName(parameters), false, { tolerated: [400] }),
  ),
  ...goodParameters.map((parameters, i) => offer(`27.2.${i + 1}`, withName(parameters), true)),
  offer('27.2.11', `${name};server_no_context_takeover ; client_max_window_bits`, true),
  ...badParameters
    .slice(0, 6)
    .map((parameters, i) =>
      offer(
        `27.3.${i + 1}`,
        `${withName(parameters)}, ${withName('server_no_context_takeover')}`,
        true,
        { tolerated: [400] },
      ),
    ),
  offer('27.3.7', `x-unknown; a=1, ${name}`, true),
  offer('27.3.8', `${withName('server_max_window_bits=9')}, ${name}`, true),
  offer('27.4.1', withName('server_max_window_bits=8'), 'either'),
  offer('27.4.2', withName('client_max_window_bits=8'), 'either'),
  offer('27.4.3', 'x-unknown', false),
  offer('27.4.4', 'x-webkit-deflate-frame, permessage-bzip2', false),
  offer('27.4.5', 'constructor; __proto__=1, toString', false),
  offer('27.4.6', Array.from({ length: 300 }, () => name).join(', '), true, {
    tolerated: [400, 431],
  }),
  offer('27.4.7', `${name}; =; ;`, false, { status: [101, 400] }),
  offer('27.4.8', name, false, { setup: 'plain' }),
];

function answer(
  id: string,
  value: string,
  opens: boolean,
  more: Partial<ResponseCase> = {},
): ResponseCase {
  const change = { set: { [field]: value } };
  return { kind: 'response', id, title: `answer ${value}`, change, opens, ...more };
}

const badAnswers = [
  'x_unknown',
  'x_unknown=1',
  'server_max_window_bits=7',
  'server_max_window_bits=16',
  'server_max_window_bits',
  'server_max_window_bits=010',
  'client_max_window_bits',
  'client_max_window_bits=7',
  'client_max_window_bits=16',
  'server_no_context_takeover=1',
  'client_no_context_takeover=true',
  'server_no_context_takeover; server_no_context_takeover',
  'server_max_window_bits=10; server_max_window_bits=10',
];

/** Answers a client's offer with what it demands and these parameters on top. */
function lawful(parameters: string): ResponseCase['change'] {
  return (request) => {
    const [first] = parseExtensions(header(request, field));
    const demanded = (first?.parameters ?? [])
      .filter(([key]) => key.startsWith('server_') && !parameters.includes(key))
      .map(([key, value]) => (value === true ? key : `${key}=${value}`));
    return { set: { [field]: [name, ...demanded, parameters].filter(Boolean).join('; ') } };
  };
}

/** 27.5 and 27.6: answers to a client that offers permessage-deflate (RFC 7692 §7.1). */
const answerCases: ResponseCase[] = [
  ...badAnswers.map((parameters, i) => answer(`27.5.${i + 1}`, withName(parameters), false)),
  answer('27.5.14', `${name}, ${name}`, false),
  answer('27.5.15', `${name}, x-unknown`, false),
  answer('27.5.16', `x-unknown, ${name}`, false),
  ...[
    '',
    'server_no_context_takeover',
    'client_no_context_takeover',
    'server_max_window_bits=9',
    'server_no_context_takeover; client_no_context_takeover',
  ].map((parameters, i) =>
    answer(`27.6.${i + 1}`, withName(parameters), true, { change: lawful(parameters) ?? {} }),
  ),
];

/** Sends what only a window larger than the agreed one could compress by reference. */
function repeats(seed: number): (link: Link) => Promise<Judgement> {
  return async (link) => {
    const random = new Random(seed);
    for (const distance of [200, 300, 600, 1500, 3000, 6000, 12_000, 24_000, 33_000]) {
      const block = random.bytes(distance);
      const payload = Buffer.concat([block, block, block]);
      const judgement = await exchange(link, payload, true);
      if (judgement.behavior !== 'OK') return judgement;
    }
    return { behavior: 'OK', note: 'repeats at nine distances' };
  };
}

function windowed(id: string, words: string, wish: Wish, seed: number, role?: Role): FrameCase {
  const test = answered(id, `repeats at all distances, ${words}`, repeats(seed), [], {
    deflate: [wish],
    killAfter: 10_000,
  });
  return role === undefined ? test : { ...test, roles: [role] };
}

const widths = [9, 10, 11, 12, 13, 14, 15];

/** 27.7: the tested side compresses as was agreed; the fuzzer inflates with no more. */
function windowCases(seed: number): FrameCase[] {
  return [
    ...widths.map((windowBits, i) =>
      windowed(`27.7.${i + 1}`, `window of ${windowBits} bits`, { windowBits }, seed),
    ),
    ...widths.map((windowBits, i) =>
      windowed(
        `27.7.${i + 8}`,
        `window of ${windowBits} bits, no context takeover`,
        { windowBits, noContextTakeover: true },
        seed,
      ),
    ),
  ];
}

/** Group 27: the negotiation of permessage-deflate (RFC 7692 §5, §7.1). */
export function negotiationCases(seed: number): readonly Case[] {
  return [...offerCases, ...answerCases, ...windowCases(seed)];
}
