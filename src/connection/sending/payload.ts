import { utf8Length } from '#platform';

import { wrongType } from '../options/option-rules.ts';

/** What may be sent: text, or bytes in any form. */
export type Payload = string | ArrayBuffer | ArrayBufferView;

/** The bytes of anything binary without copying them; a string stays as it is. */
export function payloadOf(message: Payload, name: string): string | Uint8Array {
  if (typeof message === 'string' || message instanceof Uint8Array) return message;
  if (message instanceof ArrayBuffer) return new Uint8Array(message);
  if (ArrayBuffer.isView(message)) {
    return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
  }
  throw wrongType(name, 'a string, an ArrayBuffer or a view of one', message);
}

/** The length of a payload in bytes, of text as UTF-8. */
export function byteLength(payload: string | Uint8Array): number {
  return typeof payload === 'string' ? utf8Length(payload) : payload.length;
}
