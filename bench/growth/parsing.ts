import { Protocol } from 'hawser/protocol';

import { maskedFrame } from '../load/frames.ts';
import { Random } from '../load/random.ts';
import { type Spread, spreadOf } from '../measure/statistics.ts';

/** How long one message took that came in so many reads. */
export interface ParsingPoint {
  readonly reads: number;
  /** CPU time in microseconds. */
  readonly cost: Spread;
}

const size = 100_000;

/** Feeds a server's end one message in so many reads; gives whether it came. */
export function receiveIn(reads: number, frame: Uint8Array): boolean {
  let received = false;
  const nothing = (): void => {};
  const protocol = new Protocol(
    { role: 'server', maxMessageSize: 2 ** 24 },
    {
      onText: nothing,
      onBinary: (_bytes, start, end) => {
        received = end - start === size;
      },
      onPing: nothing,
      onPong: nothing,
      onEnd: nothing,
      onViolation: nothing,
      write: nothing,
    },
  );
  for (let read = 0; read < reads; read += 1) {
    const from = Math.floor((read * frame.length) / reads);
    const to = Math.floor(((read + 1) * frame.length) / reads);
    protocol.receive(frame.subarray(from, to));
  }
  return received;
}

/** The message of these measurements: 100,000 bytes, masked. */
export function parsedFrame(): Uint8Array {
  const random = new Random(1);
  return maskedFrame('binary', random.bytes(size), random);
}

function timeOf(reads: number, times: number): number {
  const frames = Array.from({ length: times }, parsedFrame);
  const before = process.cpuUsage();
  for (const frame of frames) {
    if (!receiveIn(reads, frame)) throw new Error(`no message came in ${reads} reads`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

/** Measures the time to parse one message of 100,000 B in 1 to 100,000 reads. */
export function measureParsing(rounds: number): readonly ParsingPoint[] {
  const counts = [1, 10, 100, 1_000, 10_000, 100_000];
  for (const reads of counts) timeOf(reads, 3);
  return counts.map((reads) => {
    const times = Math.max(3, Math.min(50, 20_000 / reads));
    const costs = Array.from({ length: rounds }, () => timeOf(reads, Math.ceil(times)));
    return { reads, cost: spreadOf(costs) };
  });
}
