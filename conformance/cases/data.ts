import type { Buffer } from 'node:buffer';

import type { Event, FrameCase, Judgement } from '../case.ts';
import type { Link } from '../fuzzer/link.ts';
import { describeEvents } from '../report/describe.ts';
import { binary, fragments, text } from '../wire/frame.ts';
import type { Wish } from '../wire/negotiation.ts';
import { closesItself, ok } from './build.ts';
import { dataSets } from './data-sets.ts';
import type { DataSet } from './data-sets.ts';

const whole = [16, 64, 256, 1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072];
const sizes: readonly (readonly [size: number, fragment: number | undefined])[] = [
  ...whole.map((size) => [size, undefined] as const),
  ...[8192, 16_384, 32_768, 65_536, 131_072].map((size) => [size, 256] as const),
  ...[1024, 4096, 32_768].map((fragment) => [131_072, fragment] as const),
];

/** Group 13: what the fuzzer asks of the tested side (RFC 7692 §7.1). */
const wishes: readonly (readonly [words: string, wishes: readonly Wish[]])[] = [
  ['default offer', [{}]],
  ['no context takeover', [{ noContextTakeover: true }]],
  ['window of 9 bits', [{ windowBits: 9 }]],
  ['window of 15 bits', [{ windowBits: 15 }]],
  ['no context takeover, 9 bits', [{ noContextTakeover: true, windowBits: 9 }]],
  ['no context takeover, 15 bits', [{ noContextTakeover: true, windowBits: 15 }]],
  ['three offers', [{ noContextTakeover: true, windowBits: 9 }, { noContextTakeover: true }, {}]],
];

/** Compares an echo with what was sent. */
export function echoed(event: Event | undefined, payload: Buffer, isBinary: boolean): Judgement {
  if (event === undefined) return { behavior: 'FAILED', note: 'it ended without the echo' };
  const equal =
    event.type === 'message' && event.binary === isBinary && event.payload.equals(payload);
  return { behavior: equal ? 'OK' : 'FAILED', note: `the echo was ${describeEvents([event])}` };
}

/** Sends one message, compressed if agreed, in fragments of its bytes, and awaits the echo. */
export async function exchange(
  link: Link,
  payload: Buffer,
  isBinary: boolean,
  fragment?: number,
): Promise<Judgement> {
  const bytes = link.deflater?.compress(payload) ?? payload;
  const rsv = link.deflater === undefined ? 0 : 4;
  const frame = isBinary ? binary(bytes, { rsv }) : text(bytes, { rsv });
  link.send(...(fragment === undefined ? [frame] : fragments(frame, fragment)));
  return echoed(await link.take(), payload, isBinary);
}

function converse(
  data: DataSet,
  size: number,
  fragment: number | undefined,
  messages: number,
): (link: Link) => Promise<Judgement> {
  return async (link) => {
    for (let i = 0; i < messages; i++) {
      const judgement = await exchange(link, data.window(i * size, size), data.binary, fragment);
      if (judgement.behavior !== 'OK') return judgement;
    }
    return { behavior: 'OK', note: `${messages} messages` };
  };
}

function dataCase(
  id: string,
  words: string,
  data: DataSet,
  index: number,
  deflate: readonly Wish[],
  messages: number,
): FrameCase {
  const [size, fragment] = sizes[index] ?? [16, undefined];
  const cut = fragment === undefined ? '' : ` in fragments of ${fragment} B`;
  return {
    kind: 'frames',
    id,
    title: `${words}: ${messages} messages of ${size}${cut}`,
    play: converse(data, size, fragment, messages),
    outcomes: ok(),
    ending: closesItself,
    deflate,
    heavy: true,
    killAfter: 480_000,
  };
}

/** Groups 12 and 13: permessage-deflate over data sets and parameters (RFC 7692). */
export function dataCases(messages: number, seed: number): FrameCase[] {
  const sets = dataSets(seed);
  return [
    ...sets.flatMap((data, i) =>
      sizes.map((_, k) => dataCase(`12.${i + 1}.${k + 1}`, data.name, data, k, [{}], messages)),
    ),
    ...sets
      .slice(0, 1)
      .flatMap((json) =>
        wishes.flatMap(([words, asked], i) =>
          sizes.map((_, k) => dataCase(`13.${i + 1}.${k + 1}`, words, json, k, asked, messages)),
        ),
      ),
  ];
}
