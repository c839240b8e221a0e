import { Buffer } from 'node:buffer';

import type { Ending, FrameCase, Step } from '../case.ts';
import { close, continuation, frame, opcodes, ping, text } from '../wire/frame.ts';
import { gotText, ok } from './build.ts';

const clean: Ending = { by: 'fuzzer', codes: [1000], clean: true };
const hello = 'Hello, world!';

function closing(
  id: string,
  title: string,
  play: readonly Step[],
  more: Partial<FrameCase> = {},
): FrameCase {
  const base = { kind: 'frames', outcomes: ok(), ending: clean, codeMatters: true } as const;
  return { ...base, id, title, play, ...more };
}

/** A Close the tested side may answer with a code, without one, or by dropping TCP. */
function bad(id: string, title: string, step: Step, ...codes: number[]): FrameCase {
  return closing(id, title, [step], { ending: { by: 'fuzzer', codes, clean: false } });
}

/** 7.1: frames around the Close frame. */
const orderCases: FrameCase[] = [
  closing('7.1.1', 'text, then close when the echo came', [text(hello)], {
    outcomes: ok(gotText(hello)),
  }),
  closing('7.1.2', 'close twice', [close(1000), close(1000)]),
  closing('7.1.3', 'close, then a ping', [close(1000), ping()]),
  closing('7.1.4', 'close, then a text', [close(1000), text(hello)]),
  closing('7.1.5', 'close inside a fragmented text', [
    text('fragment1', { fin: false }),
    close(1000),
    continuation('fragment2'),
  ]),
  closing(
    '7.1.6',
    'text of 256 KiB, text, close, ping',
    [text(Buffer.alloc(262_144, 'a')), text(hello), close(1000), ping()],
    { informational: true },
  ),
];

const validCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const invalidCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const invalidUtf8 = Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex');

/** Group 7: the closing handshake, started by the fuzzer (RFC 6455 §5.5.1, §7). */
export const closingCases: readonly FrameCase[] = [
  ...orderCases,
  closing('7.3.1', 'close without payload', [close()]),
  bad('7.3.2', 'close of 1 B', frame(opcodes.close, 'a'), 1002),
  closing('7.3.3', 'close with a code', [close(1000)]),
  closing('7.3.4', 'close with code and reason', [close(1000, hello)]),
  closing('7.3.5', 'close with a reason of 123 B', [close(1000, '*'.repeat(123))]),
  bad('7.3.6', 'close with a reason of 124 B', close(1000, '*'.repeat(124)), 1002),
  bad('7.5.1', 'close with a reason that is not UTF-8', close(1000, invalidUtf8), 1002, 1007),
  ...validCodes.map((code, i) =>
    closing(`7.7.${i + 1}`, `close ${code}`, [close(code)], {
      ending: { ...clean, codes: [1000, code] },
    }),
  ),
  ...invalidCodes.map((code, i) => bad(`7.9.${i + 1}`, `close ${code}`, close(code), 1002)),
  ...[5000, 65_535].map((code, i) =>
    closing(`7.13.${i + 1}`, `close ${code}`, [close(code)], { informational: true }),
  ),
];
