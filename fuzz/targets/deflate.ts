import assert from 'node:assert/strict';

import type { DeflateParameters } from '../../src/protocol/extension/permessage-deflate.ts';
import { Protocol } from '../../src/protocol/protocol.ts';
import type { Role } from '../../src/protocol/role.ts';
import { prefixed } from '../corpus/bytes.ts';
import { frameWords, framesTo } from '../corpus/frames.ts';
import { pieces } from '../engine/cuts.ts';
import type { Run, Target } from '../engine/target.ts';
import type { Trace, TraceEvent } from '../engine/trace.ts';
import { checkEnd } from './parser.ts';
import { Recording } from './recording.ts';

/** Bytes before the stream: parameters of the extension, and how the application behaves. */
const PREFIX = 2;
const TAKEOVER = 1;
const PEER_TAKEOVER = 2;
const IN_PIECES = 4;
const SUSPENDS = 8;
const ROUND_TRIP = 16;

const settings = { threshold: 0, level: 6, memoryLevel: 5 };
const MESSAGE_LIMIT = 65_536;
/** Each of them costs a compressor and a decompressor where windows are not kept. */
const MAX_MESSAGES = 20;

/** Rules that a broken compressed message breaks; which one is seen first depends on the cuts. */
const brokenMessage = ['INVALID_DEFLATE', 'INVALID_UTF8', 'MESSAGE_TOO_BIG'];

function parametersOf([bits = 0, flags = 0]: Uint8Array): DeflateParameters {
  return {
    windowBits: 8 + (bits & 7),
    peerWindowBits: 8 + ((bits >>> 3) & 7),
    contextTakeover: (flags & TAKEOVER) !== 0,
    peerContextTakeover: (flags & PEER_TAKEOVER) !== 0,
  };
}

function open(role: Role, parameters: DeflateParameters, inPieces: boolean) {
  const recording = new Recording();
  const deflate = { ...parameters, ...settings };
  let key = 0;
  const protocol = new Protocol(
    {
      role,
      maxMessageSize: MESSAGE_LIMIT,
      maxStreamedSize: 2 * MESSAGE_LIMIT,
      pieces: inPieces,
      deflate,
      nextMaskingKey: () => ++key,
    },
    recording,
  );
  return { protocol, recording };
}

async function goOn({ protocol, recording }: ReturnType<typeof open>): Promise<void> {
  while (protocol.busy) {
    const before = recording.trace.length;
    protocol.resume();
    // Told of something, the application may have suspended it again at once.
    if (protocol.busy && recording.trace.length === before) await recording.next();
  }
}

/** The trace up to a broken message, since what is told of it depends on the cuts. */
function withoutBroken(trace: Trace): Trace {
  const at = trace.findIndex(
    ([name, rule]) => name === 'violation' && brokenMessage.includes(String(rule)),
  );
  if (at === -1) return trace;
  return [...trace.slice(0, at), ['violation', 'of a message']];
}

/** Feeds frames in any state of repair to an end that inflates. */
async function receive(input: Uint8Array, cuts: readonly number[]): Promise<Run> {
  const flags = input[1] ?? 0;
  const end = open('client', parametersOf(input), (flags & IN_PIECES) !== 0);
  const { protocol, recording } = end;
  if ((flags & SUSPENDS) !== 0) recording.onEvent = () => protocol.suspend();
  for (const chunk of pieces(input.subarray(PREFIX), cuts)) {
    protocol.receive(chunk);
    // Some chunks come while the one before is being inflated.
    if (chunk.length % 2 === 0) await goOn(end);
  }
  await goOn(end);
  protocol.receiveEnd();
  await goOn(end);
  checkEnd(recording);
  return { trace: withoutBroken(recording.trace), subject: protocol };
}

/** Messages made of the input: each byte below 32 ends one. */
function messagesOf(input: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let start = 0;
  for (const [index, byte] of input.entries()) {
    if (byte >= 32) continue;
    // The byte that ends a message says how often it is repeated.
    const body = input.subarray(start, index);
    messages.push(Buffer.concat(Array.from({ length: 1 + byte }, () => body)));
    start = index + 1;
  }
  return [...messages.slice(0, MAX_MESSAGES), input.subarray(start)];
}

/** Compresses messages and has the other end inflate them: they must come out as they went in. */
async function roundTrip(input: Uint8Array, cuts: readonly number[]): Promise<Run> {
  const parameters = parametersOf(input);
  const { windowBits, peerWindowBits, contextTakeover, peerContextTakeover } = parameters;
  const mirrored = {
    windowBits: peerWindowBits,
    peerWindowBits: windowBits,
    contextTakeover: peerContextTakeover,
    peerContextTakeover: contextTakeover,
  };
  const sender = open('server', parameters, false);
  const messages = messagesOf(input.subarray(PREFIX, PREFIX + 512));
  for (const message of messages) sender.protocol.send(message);
  while (sender.recording.count('write') < messages.length) await sender.recording.next();
  const wire = Buffer.concat(
    sender.recording.trace.map(([, frame]) => Buffer.from(String(frame), 'hex')),
  );
  const receiver = open('client', mirrored, false);
  for (const chunk of pieces(wire, cuts)) receiver.protocol.receive(chunk);
  await goOn(receiver);
  const expected = messages.map((message): TraceEvent => [
    'binary',
    Buffer.from(message).toString('hex'),
  ]);
  assert.deepEqual(receiver.recording.trace, expected);
  for (const { protocol } of [sender, receiver]) protocol.terminate();
  return { trace: receiver.recording.trace, subject: receiver.protocol };
}

const prefixes = [0, 0o77, 0o70, 0o07, 0o11].flatMap((bits) =>
  [0, 3, 7, 11, 15].map((flags) => [bits, flags]),
);

/** permessage-deflate as it is wired: the protocol, the extension, and zlib off the thread. */
export const deflateTarget: Target = {
  name: 'deflate',
  seeds: [
    ...framesTo('client').flatMap((stream, index) =>
      prefixed([prefixes[index % prefixes.length] ?? [], [0o77, index % 16]], [stream]),
    ),
    ...prefixed(
      [0, 1, 2, 3].map((flags) => [0o77, ROUND_TRIP | flags]),
      [Buffer.from('Hello\x00Hello\x03\x1e'), new Uint8Array(0)],
    ),
  ],
  words: frameWords('client'),
  maxLength: 400,
  run: (input, cuts) =>
    ((input[1] ?? 0) & ROUND_TRIP) === 0 ? receive(input, cuts) : roundTrip(input, cuts),
};
