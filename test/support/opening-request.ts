/** A key, and the Sec-WebSocket-Accept that belongs to it (RFC 6455 §1.3). */
export const sampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';
export const sampleAccept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** The lines of a request; undefined takes one out, an array repeats it. */
export type Lines = Readonly<Record<string, string | readonly string[] | undefined>>;

/** An opening request, valid but for what is given. */
export function openingRequest(lines: Lines = {}, start = 'GET / HTTP/1.1'): string {
  const headers: Lines = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': sampleKey,
    ...lines,
  };
  let text = `${start}\r\n`;
  for (const [name, values] of Object.entries(headers)) {
    for (const value of values === undefined ? [] : [values].flat())
      text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}
