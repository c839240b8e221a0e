import assert from 'node:assert/strict';

import { WebSocketError } from '../../src/protocol/errors.ts';
import { Protocol } from '../../src/protocol/protocol.ts';
import { prefixed, unhex } from '../corpus/bytes.ts';
import { pieces } from '../engine/cuts.ts';
import type { Run, Target } from '../engine/target.ts';
import type { Trace } from '../engine/trace.ts';
import { type End, type Step, steps } from './closing-steps.ts';
import { Recording } from './recording.ts';

const CLOSE_OPCODE = 8;
const PONG_OPCODE = 10;

function openEnd(role: 'server' | 'client', echoClose: boolean): End {
  const recording = new Recording();
  let key = 0;
  const nextMaskingKey = (): number => ++key;
  const options = { role, maxMessageSize: 1000, maxFragmentSize: 100, echoClose, nextMaskingKey };
  const protocol = new Protocol(options, recording);
  const end: End = { protocol, recording, written: 0, reaction: undefined, turn: undefined };
  recording.onEvent = () => {
    const { reaction } = end;
    end.reaction = undefined;
    if (reaction !== undefined) attempt(end, reaction.step, reaction.argument);
  };
  return end;
}

/** Takes a step as an application does; what it may be told is wrong is noted. */
function attempt(end: End, step: Step, argument: number): void {
  try {
    step(end, argument);
  } catch (error) {
    const expected =
      error instanceof RangeError || error instanceof TypeError || error instanceof WebSocketError;
    if (!expected) throw error;
    end.recording.note('threw', error.name);
  }
}

/** What an end has written since the last time. */
function unsent({ recording, written }: End): Uint8Array {
  const frames = recording.trace.slice(written).filter(([name]) => name === 'write');
  return Buffer.concat(frames.map(([, frame]) => Buffer.from(String(frame), 'hex')));
}

function deliver(from: End, to: End, cuts: readonly number[]): void {
  const wire = unsent(from);
  from.written = from.recording.trace.length;
  for (const chunk of pieces(wire, cuts)) to.protocol.receive(chunk);
}

const opcodeOf = (frame: string): number => parseInt(frame.slice(0, 2), 16) & 15;

/** A Pong alone may leave behind a Close; there is at most one end, behind which nothing is told. */
function checkOrder(trace: Trace): void {
  const opcodes = trace
    .filter(([name]) => name === 'write')
    .map(([, frame]) => opcodeOf(String(frame)));
  const behind = opcodes.slice(opcodes.indexOf(CLOSE_OPCODE) + 1);
  const closed = opcodes.includes(CLOSE_OPCODE);
  assert.ok(
    !closed || behind.every((opcode) => opcode === PONG_OPCODE),
    'a frame behind the Close',
  );
  const told = trace.filter(([name]) => name !== 'threw' && name !== 'hostile');
  const end = told.findIndex(([name]) => name === 'end');
  assert.ok(end === -1 || end === told.length - 1, 'something behind the end');
}

function finish(ends: readonly [End, End], cuts: readonly number[]): void {
  const [one, other] = ends;
  for (let round = 0; round < 4; round++) {
    for (const { protocol, recording } of ends) {
      recording.blocked = false;
      protocol.unblocked();
      protocol.resume();
    }
    deliver(one, other, cuts);
    deliver(other, one, cuts);
  }
  for (const { protocol, recording, terminated } of ends) {
    protocol.receiveEnd();
    protocol.resume();
    checkOrder(recording.trace);
    assert.equal(recording.count('end'), terminated === true ? recording.count('end') : 1);
    assert.equal(protocol.state, 'closed');
  }
}

/** Two ends joined; each pair of bytes is a step of one of them, or delivers what it wrote. */
function run(input: Uint8Array, cuts: readonly number[]): Run {
  const [flags = 0] = input;
  const ends = [
    openEnd('server', (flags & 1) === 0),
    openEnd('client', (flags & 2) === 0),
  ] as const;
  for (let at = 1; at + 1 < input.length; at += 2) {
    const [code = 0, argument = 0] = input.subarray(at, at + 2);
    const [from, to] = (code & 1) === 0 ? ends : ([ends[1], ends[0]] as const);
    const step = steps[(code >>> 1) % (steps.length + 1)];
    if (step === undefined) deliver(from, to, cuts);
    else attempt(from, step, argument);
  }
  finish(ends, cuts);
  const [one, other] = ends;
  const trace = [...one.recording.trace, ['other end'] as const, ...other.recording.trace];
  return { trace, subject: ends };
}

const DELIVER = (steps.length * 2).toString(16).padStart(2, '0');
const BACK = (steps.length * 2 + 1).toString(16).padStart(2, '0');
const wholeSteps = Array.from({ length: steps.length * 2 + 2 }, (_, code) =>
  Uint8Array.of(code, code),
);

/** The closing handshake with all that may come in between, on both ends at once. */
export const closingTarget: Target = {
  name: 'closing',
  seeds: prefixed(
    [[0], [1], [3]],
    [
      unhex(`0000 0105 ${DELIVER}00 ${BACK}00 0801 ${DELIVER}00 ${BACK}00`),
      unhex(`0405 0406 0803 0503 ${DELIVER}00 ${BACK}00`),
      unhex(`0902 0802 ${BACK}00 ${DELIVER}00`),
      ...wholeSteps.map((step) => Buffer.concat([step, unhex(`0800 ${DELIVER}00 ${BACK}00`)])),
    ],
  ),
  words: [...wholeSteps, unhex(`${DELIVER}00`), unhex(`${BACK}00`)],
  maxLength: 161,
  run,
};
