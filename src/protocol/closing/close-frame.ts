import { allocate, decodeUtf8, utf8Length, writeUtf8 } from '#platform';

import { ProtocolError } from '../errors.ts';
import { CloseCode, isValidCloseCode } from './close-code.ts';

/** What a Close frame says; an empty one says 1005 (RFC 6455 §7.1.5). */
export interface Close {
  readonly code: number;
  readonly reason: string;
}

/** A control frame's payload is at most 125 bytes, of which the code takes two (RFC 6455 §5.5). */
const MAX_REASON = 123;

/** Reads a Close payload (RFC 6455 §5.5.1); throws a ProtocolError for one that breaks a rule. */
export function readClose(bytes: Uint8Array, start: number, end: number): Close {
  if (start === end) return { code: CloseCode.NoStatus, reason: '' };
  if (end - start === 1) throw new ProtocolError('CLOSE_PAYLOAD');
  const code = new DataView(bytes.buffer, bytes.byteOffset + start).getUint16(0);
  if (!isValidCloseCode(code)) throw new ProtocolError('CLOSE_CODE');
  const reason = decodeUtf8(bytes, start + 2, end);
  if (reason === undefined) throw new ProtocolError('INVALID_UTF8');
  return { code, reason };
}

/**
 * Writes a Close payload; without a code it is empty, a long reason is cut at a code point. Throws a
 * RangeError for a code that must not be sent (RFC 6455 §7.4.1).
 */
export function writeClose(code: number | undefined, reason: string): Uint8Array {
  if (code === undefined) return new Uint8Array(0);
  if (!isValidCloseCode(code)) throw new RangeError(`the close code ${code} must not be sent`);
  const text = cutReason(reason);
  const payload = allocate(2 + utf8Length(text));
  payload[0] = code >>> 8;
  payload[1] = code & 0xff;
  writeUtf8(text, payload, 2);
  return payload;
}

/** The longest start of a reason that fits into a Close frame and ends at a code point. */
export function cutReason(reason: string): string {
  if (utf8Length(reason) <= MAX_REASON) return reason;
  let length = 0;
  let cut = '';
  for (const character of reason) {
    length += utf8Length(character);
    if (length > MAX_REASON) break;
    cut += character;
  }
  return cut;
}
