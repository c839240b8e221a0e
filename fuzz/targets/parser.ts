import assert from 'node:assert/strict';

import type { ProtocolOptions } from '../../src/protocol/options.ts';
import { Protocol } from '../../src/protocol/protocol.ts';
import type { Role } from '../../src/protocol/role.ts';
import { prefixed } from '../corpus/bytes.ts';
import { frameWords, framesTo } from '../corpus/frames.ts';
import { pieces } from '../engine/cuts.ts';
import type { Run, Target } from '../engine/target.ts';
import { Recording } from './recording.ts';

const variants: readonly Partial<ProtocolOptions>[] = [
  {},
  { pieces: true },
  { allowReservedBits: true, validateUtf8: false },
  { maxMessageSize: 10, maxFragments: 2, maxFrameSize: 15 },
  { pieces: 'undecided', maxMessageSize: 20, maxStreamedSize: 60 },
  { receiveBuffer: { initial: 1, growBy: 3, max: 50 } },
  { echoClose: false },
  { pieces: true, maxStreamedSize: 30, validateUtf8: false },
];

/** Bytes before the stream: which variant, and how the application behaves. */
const PREFIX = 2;
const SUSPENDS = 1;
const DECIDES_FOR_PIECES = 2;
const LEAVES = 4;

/** What holds however the peer behaved: one failure at most, one Close at most, and one end. */
export function checkEnd(recording: Recording): void {
  assert.ok(recording.count('violation') <= 1, 'more than one violation');
  assert.ok(recording.count('close sent') <= 1, 'more than one Close');
  assert.equal(recording.count('end'), 1, 'an end once');
  assert.equal(recording.trace.at(-1)?.[0], 'end', 'something after the end');
}

/** One end of a connection whose application may suspend it at every event. */
function openEnd(role: Role, input: Uint8Array): { protocol: Protocol; recording: Recording } {
  const [variant = 0, behaviour = 0] = input;
  const recording = new Recording();
  let key = 0;
  const options = variants[variant % variants.length];
  const nextMaskingKey = (): number => ++key;
  const protocol = new Protocol(
    { role, maxMessageSize: 65_536, nextMaskingKey, ...options },
    recording,
  );
  if ((behaviour & SUSPENDS) !== 0) recording.onEvent = () => protocol.suspend();
  return { protocol, recording };
}

/** Lets the application go on for as long as something waits for it. */
function goOn(protocol: Protocol, recording: Recording, behaviour: number): void {
  while (protocol.busy) {
    if (recording.oversized) {
      recording.oversized = false;
      protocol.decide((behaviour & DECIDES_FOR_PIECES) !== 0);
    }
    protocol.resume();
  }
}

function receive(role: Role, input: Uint8Array, cuts: readonly number[]): Run {
  const behaviour = input[1] ?? 0;
  const { protocol, recording } = openEnd(role, input);
  for (const chunk of pieces(input.subarray(PREFIX), cuts)) {
    protocol.receive(chunk);
    goOn(protocol, recording, behaviour);
  }
  if ((behaviour & LEAVES) === 0) protocol.receiveEnd();
  else protocol.fail(1001);
  goOn(protocol, recording, behaviour);
  checkEnd(recording);
  return { trace: recording.trace, subject: protocol };
}

/** A protocol of this role, fed with frames in any state of repair. */
export function parserTarget(role: Role): Target {
  const prefixes = variants.map((_, index) => [index, index % 4]);
  return {
    name: `${role}-parser`,
    seeds: prefixed(prefixes, framesTo(role)),
    words: frameWords(role),
    run: (input, cuts) => receive(role, input, cuts),
  };
}
