import { deflateRawSync } from 'node:zlib';

import { latin1, unhex } from './bytes.ts';

function payloadOf(length: number): string {
  return '2a'.repeat(length);
}

/** A message as permessage-deflate sends it: RSV1, and a payload without its last four bytes. */
function compressed(text: string): string {
  const payload = deflateRawSync(text, { finishFlush: 2 }).subarray(0, -4);
  return `c1${payload.length.toString(16).padStart(2, '0')}${payload.toString('hex')}`;
}

/** Streams of frames as a server sends them, in hex. */
const plain: readonly string[] = [
  '810548656c6c6f',
  '8100',
  '8204 00ff10fe',
  '82 7e 0080' + payloadOf(128),
  '82 7f 0000000000010000' + payloadOf(65_536),
  '0103 48656c 8002 6c6f',
  '0103 48656c 8903 010203 0000 8002 6c6f',
  '0200 0000 0000 8000',
  '01 02 e282 80 01 ac',
  '81 02 c3a9 81 04 f09f9880',
  '81 03 eda080',
  '8900 8a00 8904deadbeef',
  '8900 8900 8a04deadbeef 8202abcd',
  '8800',
  '880203e8',
  '8805 03e8 627965',
  '8806 0bb8 c3a9ff21',
  '810161 880203e9 810162',
  '8801 03',
  '8802 03ed',
  '0900',
  '897e 0080',
  'c1 07 f248cdc9c90700',
  'c1 07 f248cdc9c90700 c1 05 f2 00 11 00 00',
  '41 03 f248cd 80 04 c9c90700',
  'c1 0b 00 05 00 fa ff 48656c6c6f 00',
  'c1 08 f348cdc9c907 0000',
  'c2 01 00',
  compressed('a'.repeat(20_000)),
  compressed('permessage-deflate, as RFC 7692 has it; '.repeat(4)),
];

/** The bytes of each of these frames, masked with the key 00000000, so that payloads stay legible. */
export function masked(stream: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at + 1 < stream.length) {
    const short = (stream[at + 1] ?? 0) & 0x7f;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length = short < 126 ? short : lengthAt(stream, at + header);
    const head = Uint8Array.from(stream.subarray(at, at + header));
    head[1] = 0x80 | short;
    const end = at + header + length;
    parts.push(head, new Uint8Array(4), stream.subarray(at + header, end));
    at = end;
  }
  return Buffer.concat(parts);
}

function lengthAt(stream: Uint8Array, end: number): number {
  const [high = 0, low = 0] = stream.subarray(end - 2, end);
  return end >= 10 && stream[end - 9] === 127 ? 65_536 : (high << 8) | low;
}

/** Streams for an end of this role: a server receives masked frames, a client unmasked ones. */
export function framesTo(role: 'server' | 'client'): Uint8Array[] {
  const streams = plain.map(unhex).filter(({ length }) => length < 4000);
  if (role === 'client') return streams;
  const hello = unhex('8185 37fa213d 7f9f4d5158');
  return [hello, ...streams.map(masked)];
}

/** Whole frames and parts of them that mean something, for an end of this role. */
export function frameWords(role: 'server' | 'client'): Uint8Array[] {
  const frames = framesTo(role).filter(({ length }) => length < 40);
  const lengths = ['7e0000', '7e007e', '7effff', '7f0000000000000000', '7f0000000000010000'];
  const farLengths = ['7f8000000000000000', '7f0020000000000000', '7f001fffffffffffff'];
  const masked = lengths.map(
    (word) => ((Number(`0x${word.slice(0, 2)}`) | 0x80) >>> 0).toString(16) + word.slice(2),
  );
  const texts = [
    'f0908080',
    'f4908080',
    'efbfbf',
    'c080',
    'ed9fbf',
    '03ff',
    '03f0',
    '1387',
    '000000ffff',
  ];
  return [
    ...frames,
    ...[...lengths, ...farLengths, ...masked, ...texts].map(unhex),
    latin1('Hello'),
  ];
}
