import { type Buffer, isUtf8 } from 'node:buffer';

import type { Ending, Event } from '../case.ts';
import type { Transcript } from './verdict.ts';

/** Shows bytes shortly: readable text in quotes, anything else as hex. */
export function describeBytes(bytes: Buffer): string {
  const short = bytes.subarray(0, 16);
  const dots = bytes.length > short.length ? '…' : '';
  const readable = isUtf8(short) && !/[^\x20-\x7e]/.test(short.toString());
  const shown = readable ? `"${short.toString()}"` : short.toString('hex');
  return `${shown}${dots} (${bytes.length} B)`;
}

function describeEvent(event: Event): string {
  if (event.type === 'timeout') return `wait ${event.tag}`;
  if (event.type === 'pong') return `pong ${describeBytes(event.payload)}`;
  return `${event.binary ? 'binary' : 'text'} ${describeBytes(event.payload)}`;
}

/** Says in words what came. */
export function describeEvents(events: readonly Event[]): string {
  if (events.length === 0) return 'nothing';
  const shown = events
    .slice(0, 6)
    .map((event) => describeEvent(event))
    .join(', ');
  return events.length > 6 ? `${shown}, and ${events.length - 6} more` : shown;
}

/** Says in words how a connection has to end. */
export function describeEnding(ending: Ending): string {
  const codes = ending.codes.join('/');
  if (ending.by === 'fuzzer') return `the fuzzer closes, answer ${codes}`;
  return `the peer fails it with ${codes}${ending.frame === true ? ' in a Close frame' : ''}`;
}

/** Says in words how a connection did end, and what came on it. */
export function describeTranscript(transcript: Transcript): string {
  if (!transcript.opened) return 'the opening handshake did not finish';
  const { peerClose } = transcript;
  const reason = peerClose === undefined || peerClose.reason === '' ? '' : ` "${peerClose.reason}"`;
  const parts = [
    describeEvents(transcript.received),
    ...transcript.violations.map((what) => `it sent ${what}`),
    peerClose === undefined ? 'no Close' : `Close ${peerClose.code ?? 'without a code'}${reason}`,
    `ended by the ${transcript.closedBy ?? 'fuzzer'}`,
  ];
  if (transcript.clean) parts.push('clean');
  if (transcript.dropped) parts.push('the fuzzer dropped TCP');
  return parts.join('; ');
}
