import assert from 'node:assert/strict';

import { type Extension, parseExtensions, parseTokens } from '../../src/handshake/header-values.ts';
import { HeadParser, requestLine } from '../../src/handshake/http-head.ts';
import { acceptDeflate, judgeExtensions, offerDeflate } from '../../src/handshake/negotiate.ts';
import type { DeflateParameters } from '../../src/protocol/extension/permessage-deflate.ts';
import { latin1 } from '../corpus/bytes.ts';
import { extensionValues, extensionWords } from '../corpus/extensions.ts';
import type { Run, Target } from '../engine/target.ts';
import type { TraceEvent } from '../engine/trace.ts';
import { readHead } from './head.ts';

const before = latin1('GET / HTTP/1.1\r\nSec-WebSocket-Extensions: ');
const after = latin1('\r\n\r\n');

const wishes: readonly DeflateParameters[] = [
  { windowBits: 15, peerWindowBits: 15, contextTakeover: true, peerContextTakeover: true },
  { windowBits: 9, peerWindowBits: 10, contextTakeover: false, peerContextTakeover: true },
  { windowBits: 8, peerWindowBits: 8, contextTakeover: true, peerContextTakeover: false },
];

const mirrored = (parameters: DeflateParameters): DeflateParameters => ({
  windowBits: parameters.peerWindowBits,
  peerWindowBits: parameters.windowBits,
  contextTakeover: parameters.peerContextTakeover,
  peerContextTakeover: parameters.contextTakeover,
});

/** Neither side may compress with more than the other is ready for. */
function checkAgreed(server: DeflateParameters, client: DeflateParameters): void {
  const { windowBits, peerWindowBits, contextTakeover, peerContextTakeover } = mirrored(client);
  assert.ok(server.windowBits <= windowBits, 'a window of the server that the client has not');
  assert.ok(peerWindowBits <= server.peerWindowBits, 'a window of the client too large');
  assert.ok(!server.contextTakeover || contextTakeover, 'context the client has not kept');
  assert.ok(!peerContextTakeover || server.peerContextTakeover, 'context the server has not kept');
}

/** Takes the value as an offer: what our server answers, our client must take. */
function negotiate(value: string, offers: readonly Extension[]): TraceEvent[] {
  return wishes.map((wanted) => {
    const agreed = acceptDeflate(offers, wanted);
    if (agreed === undefined) return ['declined'];
    const judged = judgeExtensions(agreed.header, value);
    assert.ok(
      typeof judged === 'object',
      `a client finds ${agreed.header} ${JSON.stringify(judged)}`,
    );
    checkAgreed(agreed.parameters, judged.parameters);
    return ['agreed', agreed.header];
  });
}

/** Takes the value as an answer to each of our own offers. */
function judge(value: string): TraceEvent[] {
  return wishes.map((wanted) => {
    const judged = judgeExtensions(value, offerDeflate(wanted));
    return ['judged', typeof judged === 'string' ? judged : JSON.stringify(judged.parameters)];
  });
}

function run(input: Uint8Array, cuts: readonly number[]): Run {
  const parser = new HeadParser(requestLine);
  const shifted = cuts.map((cut) => cut + before.length);
  const { result } = readHead(parser, Buffer.concat([before, input, after]), shifted);
  if (result === undefined || 'fault' in result) {
    return { trace: [['refused', result?.fault]], subject: parser };
  }
  const value = result.head.headers[0]?.[1] ?? '';
  const offers = parseExtensions(value);
  const trace: TraceEvent[] = [
    ['read', JSON.stringify(offers), JSON.stringify(parseTokens(value))],
    ...(offers === undefined ? [] : negotiate(value, offers)),
    ...judge(value),
  ];
  return { trace, subject: parser };
}

/** Sec-WebSocket-Extensions: read out of a head, negotiated by a server and judged by a client. */
export const extensionHeaderTarget: Target = {
  name: 'extension-header',
  seeds: extensionValues,
  words: extensionWords,
  run,
};
