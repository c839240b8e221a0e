import { latin1 } from './bytes.ts';

const lines = (...parts: readonly string[]): Uint8Array => latin1(`${parts.join('\r\n')}\r\n\r\n`);

const upgrade = ['Connection: Upgrade', 'Upgrade: websocket'] as const;
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const opening = ['Host: example.com', ...upgrade, 'Sec-WebSocket-Version: 13', key] as const;

/** Opening requests, good and not quite. */
export const requests: readonly Uint8Array[] = [
  lines('GET /chat HTTP/1.1', ...opening),
  lines('GET /chat?a=1 HTTP/1.1', ...opening, 'Origin: http://example.com', 'Cookie: a=b; c="d"'),
  lines('GET / HTTP/1.1', ...opening, 'Sec-WebSocket-Protocol: chat, superchat'),
  lines(
    'GET / HTTP/1.1',
    ...opening,
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-other; a="b\\"c"',
  ),
  lines('GET http://example.com:81/a%20b HTTP/1.1', ...opening, 'X-Forwarded-Host: other, third'),
  lines('GET / HTTP/1.1', 'Host: [::1]:8080', 'Connection: keep-alive, Upgrade', ...opening),
  lines('GET / HTTP/1.0', ...opening),
  lines('POST / HTTP/1.1', ...opening, 'Content-Length: 8'),
  lines('GET / HTTP/1.1', ...opening, 'Transfer-Encoding: chunked'),
  lines('GET / HTTP/1.1', 'Host: a', 'Connection: close'),
  lines(`GET /${'a'.repeat(300)} HTTP/1.1`, ...opening, `X: ${'b'.repeat(300)}`),
  latin1('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  // Lines that are as long as they may be.
  lines(`GET /${'a'.repeat(8_191)} HTTP/1.1`, ...opening),
  lines(`${'A'.repeat(8_245)} / HTTP/1.1`, ...opening),
  lines('GET / HTTP/1.1', ...opening, `X: ${'b'.repeat(8_189)}`),
];

/** Words of HTTP's heads. */
export const headWords: readonly Uint8Array[] = [
  ...opening,
  'Origin: null',
  'HTTP/1.1',
  'HTTP/1.0',
  'Content-Length: 0',
  'Content-Length: 5',
  'Transfer-Encoding: chunked',
  'Expect: 100-continue',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  'Sec-WebSocket-Protocol: chat',
  'Sec-WebSocket-Extensions: permessage-deflate',
  'Sec-WebSocket-Version: 13, 8',
  'upgrade',
  ': ',
  ', ',
  '\r\n',
  '\r\n\r\n',
  '\r\n ',
  '\t',
  '%2f',
  '%',
].map(latin1);

const agreed = [...upgrade, 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='] as const;

/** A server's answers, good and not quite, some with what follows them. */
export const answers: readonly Uint8Array[] = [
  lines('HTTP/1.1 101 Switching Protocols', ...agreed),
  Buffer.concat([lines('HTTP/1.1 101', ...agreed), latin1('\x81\x02hi')]),
  lines('HTTP/1.1 101 ', ...agreed, 'Sec-WebSocket-Protocol: chat'),
  lines(
    'HTTP/1.1 101 x',
    ...agreed,
    'Sec-WebSocket-Protocol: chat',
    'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover',
  ),
  Buffer.concat([lines('HTTP/1.1 103 Early Hints', 'Link: x'), lines('HTTP/1.1 101 x', ...agreed)]),
  Buffer.concat([lines('HTTP/1.1 403 No', 'Content-Length: 5'), latin1('sorry, more')]),
  Buffer.concat([
    lines('HTTP/1.1 500 No', 'Transfer-Encoding: chunked'),
    latin1('5;x=y\r\nsorry\r\n0\r\n\r\n'),
  ]),
  Buffer.concat([lines('HTTP/1.0 200 OK'), latin1('<html>')]),
  lines('HTTP/1.1 426 Upgrade Required', 'Sec-WebSocket-Version: 8, 7', 'Content-Length: 0'),
  lines('HTTP/1.1 204 No Content'),
  lines('HTTP/1.1 301 Moved', 'Location: /elsewhere'),
  latin1('\x15\x03\x01\x00\x02\x02\x46'),
  // Lines that are as long as they may be.
  lines(`HTTP/1.1 301 ${'a'.repeat(8_243)}`, 'Location: /elsewhere'),
  lines('HTTP/1.1 301 Moved', `Location: /${'a'.repeat(8_181)}`),
];
