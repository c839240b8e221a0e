import assert from 'node:assert/strict';

import { AnswerReader } from '../../src/client/http1.ts';
import type { Decision } from '../../src/handshake/decision.ts';
import { HandshakeError } from '../../src/handshake/errors.ts';
import { HeaderList } from '../../src/handshake/header-list.ts';
import {
  HeadParser,
  type HeadResult,
  type RequestHead,
  requestLine,
  statusLine,
} from '../../src/handshake/http-head.ts';
import { judgeRequest, type RequestRules } from '../../src/handshake/request.ts';
import {
  formatResponse,
  judgeResponse,
  offeredSubprotocols,
} from '../../src/handshake/response.ts';
import { extensionWords } from '../corpus/extensions.ts';
import { answers, headWords, requests } from '../corpus/heads.ts';
import { pieces } from '../engine/cuts.ts';
import type { Run, Target } from '../engine/target.ts';
import type { TraceEvent } from '../engine/trace.ts';

const compression = {
  windowBits: 12,
  peerWindowBits: 12,
  contextTakeover: false,
  peerContextTakeover: true,
};
const rules: readonly RequestRules[] = [
  {},
  { subprotocols: ['superchat', 'chat'], compression, origins: 'any' },
  { requireSubprotocol: true, subprotocols: ['chat'], trustProxy: true },
  { origins: ['http://example.com', /\.example$/], compression },
];

/** Reads a head from a stream; how many bytes belong to it, and what it says. */
export function readHead<Start extends object>(
  parser: HeadParser<Start>,
  stream: Uint8Array,
  cuts: readonly number[],
): { readonly result: HeadResult<Start> | undefined; readonly length: number } {
  let length = 0;
  for (const chunk of pieces(stream, cuts)) {
    const result = parser.receive(chunk);
    if (result === undefined) length += chunk.length;
    else return { result, length: length + ('consumed' in result ? result.consumed : 0) };
  }
  return { result: undefined, length };
}

/** Our own client must be able to read what our server answers, and must come to the same decision. */
function checkAnswer(request: RequestHead, decision: Decision): void {
  const answer = formatResponse(decision);
  const { result } = readHead(new HeadParser(statusLine), answer, []);
  assert.ok(result !== undefined && 'head' in result, 'an answer that a client cannot read');
  if (!decision.accepted) return assert.equal(result.head.statusCode, decision.status);
  const headers = new HeaderList(request.headers);
  const judged = judgeResponse(result.head, {
    key: headers.get('sec-websocket-key') ?? '',
    subprotocols: offeredSubprotocols(headers) ?? [],
    requireSubprotocol: false,
    extensions: headers.get('sec-websocket-extensions') ?? '',
  });
  assert.ok(judged.accepted, 'an acceptance that a client refuses');
  assert.equal(judged.subprotocol, decision.subprotocol);
}

function judge(request: RequestHead): TraceEvent[] {
  return rules.map((rule) => {
    const decision = judgeRequest(request, rule);
    checkAnswer(request, decision);
    return ['decision', JSON.stringify(decision)];
  });
}

function runRequest(input: Uint8Array, cuts: readonly number[]): Run {
  const parser = new HeadParser(requestLine);
  const { result, length } = readHead(parser, input, cuts);
  const trace: TraceEvent[] = [];
  if (result === undefined) trace.push(['unfinished', length]);
  else if ('fault' in result) trace.push(['refused', result.fault]);
  else trace.push(['head', length, JSON.stringify(result.head)], ...judge(result.head));
  return { trace, subject: parser };
}

/** A client's opening request, read and judged as a server does it. */
export const requestHeadTarget: Target = {
  name: 'request-head',
  seeds: requests,
  words: [...headWords, ...extensionWords],
  maxLength: 20_000,
  run: runRequest,
};

function refusal({ refusal, statusCode, headers, body }: HandshakeError): TraceEvent {
  return ['refused', refusal, statusCode, JSON.stringify([...headers]), body];
}

function runResponse(input: Uint8Array, cuts: readonly number[]): Run {
  const reader = new AnswerReader({
    key: 'dGhlIHNhbXBsZSBub25jZQ==',
    subprotocols: ['chat', 'superchat'],
    requireSubprotocol: false,
    extensions: 'permessage-deflate; client_max_window_bits=12',
  });
  let fed = 0;
  for (const chunk of pieces(input, cuts)) {
    const answer = reader.receive(chunk);
    fed += chunk.length;
    if (answer instanceof HandshakeError) return { trace: [refusal(answer)], subject: reader };
    if (answer === undefined) continue;
    const rest = answer.rest.length + input.length - fed;
    const accepted = JSON.stringify(answer.accepted);
    return { trace: [['accepted', accepted, rest]], subject: reader };
  }
  return { trace: [refusal(reader.end())], subject: reader };
}

/** A server's answer, read and judged as a client does it, with the body of a refusal. */
export const responseHeadTarget: Target = {
  name: 'response-head',
  seeds: answers,
  words: [...headWords, ...extensionWords],
  maxLength: 20_000,
  run: runResponse,
};
