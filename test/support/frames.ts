import assert from 'node:assert/strict';

import { ProtocolError, type Violation } from '../../src/protocol/errors.ts';
import type { ProtocolOptions } from '../../src/protocol/options.ts';
import type { Protocol } from '../../src/protocol/protocol.ts';
import type { Role } from '../../src/protocol/role.ts';
import { atEveryCut, feed, open, type RecordedEvent, type Recorder, unhex } from './recorder.ts';

export const roles = ['client', 'server'] as const satisfies readonly Role[];

/** Above this length a fixture is cut near its ends only: every cut would take quadratic time. */
const CUT_EVERYWHERE = 1024;

/** A frame that is written unmasked as a client sends it: with the mask bit and the key 00000000. */
export function masked(frame: Uint8Array): Uint8Array {
  const short = (frame[1] ?? 0) & 0x7f;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  const bytes = Buffer.concat([frame.subarray(0, header), Buffer.alloc(4), frame.subarray(header)]);
  bytes[1] = (frame[1] ?? 0) | 0x80;
  return frame.length < header ? bytes.subarray(0, frame.length) : bytes;
}

/** Frames in hex, written unmasked, as the bytes that reach an end of this role. */
export function wireTo(role: Role, frames: readonly string[]): Uint8Array {
  const each = frames.map(unhex);
  return Buffer.concat(role === 'server' ? each.map(masked) : each);
}

/** Feeds frames in hex, written unmasked, to ends of both roles, at every cut. */
export function received(
  frames: readonly string[],
  check: (recorder: Recorder, protocol: Protocol, role: Role) => void,
  options: Partial<ProtocolOptions> = {},
): void {
  for (const role of roles) {
    const wire = wireTo(role, frames);
    cutsOf(wire, (cuts) => {
      const { protocol, recorder } = open({ ...options, role });
      feed((chunk) => protocol.receive(chunk), wire, cuts);
      check(recorder, protocol, role);
    });
  }
}

/** What an end that fails tells its handler. */
export function failure(violation: Violation): RecordedEvent[] {
  const { closeCode, message } = new ProtocolError(violation);
  return [
    ['violation', violation],
    ['close sent', closeCode, message],
    ['end', 1006, ''],
  ];
}

/** Feeds frames to ends of both roles, at every cut: they fail, after these events. */
export function fails(
  frames: readonly string[],
  violation: Violation,
  before: readonly RecordedEvent[] = [],
  options: Partial<ProtocolOptions> = {},
): void {
  received(
    frames,
    ({ events }) => assert.deepEqual(events, [...before, ...failure(violation)]),
    options,
  );
}

/** All cuts of a short fixture; a long one whole, cut near both ends, and byte by byte. */
function cutsOf(wire: Uint8Array, check: (cuts: readonly number[]) => void): void {
  if (wire.length <= CUT_EVERYWHERE) return atEveryCut(wire, check);
  for (let at = 0; at < 20; at++) check([at, wire.length - at]);
  check(Array.from(wire, (_, index) => index));
}

/** A text as a frame's payload after its header, in hex: `8105` + `payload('Hello')`. */
export function payload(text: string): string {
  return Buffer.from(text).toString('hex');
}

/** A whole unmasked frame with the shortest length, in hex. */
export function frame(first: string, body: string): string {
  const length = body.length / 2;
  const long = length.toString(16).padStart(length < 0x1_0000 ? 4 : 16, '0');
  if (length < 126) return `${first}${length.toString(16).padStart(2, '0')}${body}`;
  return `${first}${length < 0x1_0000 ? '7e' : '7f'}${long}${body}`;
}
