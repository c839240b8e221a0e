import { sha1Base64 } from '#platform';

/** What a server appends to the key before hashing (RFC 6455 §1.3). */
export const acceptGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The Sec-WebSocket-Accept that proves a server understood Sec-WebSocket-Key (RFC 6455 §4.2.2). */
export function acceptKey(key: string): string {
  return sha1Base64(key + acceptGuid);
}

/** Whether a Sec-WebSocket-Key is 16 bytes as base64 (RFC 6455 §4.1). */
export function isKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{22}==$/.test(text);
}
