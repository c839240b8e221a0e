import assert from 'node:assert/strict';

import { Protocol, type ProtocolHandler, type Role } from 'hawser/protocol';

import { buildFrame, keyOf, op } from '../harness/frames.ts';
import { blocking, input, row } from '../harness/row.ts';

/** Notes what a protocol tells; nothing it is given makes it throw. */
class Ear implements ProtocolHandler {
  heard = '';
  pongs = 0;
  bytes = 0;
  onText(): void {
    this.heard += 'message ';
  }
  onBinary(_: Uint8Array, start: number, end: number): void {
    this.heard += 'message ';
    this.bytes += end - start;
  }
  onPing(): void {
    this.heard += 'ping ';
  }
  onPong(): void {
    this.pongs++;
  }
  onClose(code: number): void {
    this.heard += `close ${code} `;
  }
  onEnd(): void {
    this.heard += 'end ';
  }
  onViolation({ closeCode }: { readonly closeCode: number }): void {
    this.heard += `fails ${closeCode} `;
  }
  write(): void {}
}

function listen(role: Role, maxMessageSize = 1 << 20): { protocol: Protocol; ear: Ear } {
  const ear = new Ear();
  return { protocol: new Protocol({ role, maxMessageSize }, ear), ear };
}

const known: readonly number[] = Object.values(op);

/** What RFC 6455 §5 says of a first frame that begins with these two bytes and has no third. */
function reference(first: number, second: number, role: Role): string {
  const [fin, rsv, opcode] = [(first & 0x80) !== 0, first & 0x70, first & 15];
  const [masked, length] = [(second & 0x80) !== 0, second & 0x7f];
  const control = opcode >= 8;
  const broken =
    rsv !== 0 ||
    !known.includes(opcode) ||
    (control && (!fin || length > 125)) ||
    masked !== (role === 'server');
  if (broken) return 'fails 1002 end ';
  if (masked || length > 125) return '';
  // The header is complete; with length 0 so is the frame.
  if (opcode === op.more) return 'fails 1002 end ';
  if (length > 0 || !fin) return '';
  if (opcode === op.close) return 'close 1005 end ';
  return opcode === op.ping ? 'ping ' : opcode === op.pong ? 'pong ' : 'message ';
}

function outcomeOf(role: Role, chunks: readonly Uint8Array[]): string {
  const { protocol, ear } = listen(role);
  for (const chunk of chunks) protocol.receive(chunk);
  return ear.heard + (ear.pongs > 0 ? 'pong ' : '');
}

/** Throws for the first pair of bytes that is not judged as the reference has it. */
function judgeAll(role: Role): void {
  // Most of them fail, and a stack for each error takes more time than all the rest.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    judgePairs(role);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function judgePairs(role: Role): void {
  for (let pair = 0; pair < 0x1_0000; pair++) {
    const [first, second] = [pair >>> 8, pair & 255];
    const expected = reference(first, second, role);
    const whole = outcomeOf(role, [new Uint8Array([first, second])]);
    const split = outcomeOf(role, [new Uint8Array([first]), new Uint8Array([second])]);
    if (whole === expected && split === expected) continue;
    assert.deepEqual([pair.toString(16), whole, split], [pair.toString(16), expected, expected]);
  }
}

/** Microseconds of CPU time that something takes. */
function cpuOf(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function floodOfPongs(count: number): Buffer {
  return Buffer.concat(
    Array<Buffer>(count).fill(buildFrame(op.pong, '', { key: keyOf('client') })),
  );
}

const mebibyte = 1_048_576;

/** A message of 1 MiB in so many reads; gives the microseconds that taking it cost. */
function inReads(count: number): number {
  const wire = buildFrame(op.binary, Buffer.alloc(mebibyte), { key: keyOf('client') });
  const chunks = Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * wire.length) / count);
    return wire.subarray(from, Math.floor(((index + 1) * wire.length) / count));
  });
  const { protocol, ear } = listen('server');
  const cost = cpuOf(() => {
    for (const chunk of chunks) protocol.receive(chunk);
  });
  assert.deepEqual([ear.heard, ear.bytes], ['message ', mebibyte]);
  return cost;
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Rows about the parser alone. */
export const parserRows = blocking([
  row('FR-11', 'all first two bytes', 'as the reference says, split or not; no throw', [
    (['server', 'client'] as const).map((role) =>
      input(`65,536 pairs to a ${role}`, () => judgeAll(role)),
    ),
  ]),
  row('FR-13', '100,000 empty pongs in one write', 'no stack overflow; < 1.5 µs of CPU each', [
    input('to a Protocol', ({ figure, full }) => {
      const costs = Array.from({ length: full ? 7 : 1 }, () => {
        const { protocol, ear } = listen('server');
        const wire = floodOfPongs(100_000);
        const cost = cpuOf(() => protocol.receive(wire));
        assert.equal(ear.pongs, 100_000);
        protocol.receive(buildFrame(op.ping, '', { key: keyOf('client') }));
        assert.equal(ear.heard, 'ping ');
        return cost / 100_000;
      });
      figure('CPU per pong', median(costs), 1.5, 'µs');
    }),
  ]),
  row('FG-08', 'a message in very many reads', 'CPU time grows with the reads, not faster', [
    input('1 MiB in 20,000 reads, and in 40,000', ({ figure, full }) => {
      // In turns, and the best of each: what else the machine does falls on both alike.
      const best = [Infinity, Infinity];
      for (let round = full ? 25 : 1; round > 0; round--) {
        for (const [index, reads] of [20_000, 40_000].entries()) {
          best[index] = Math.min(best[index] ?? 0, inReads(reads));
        }
      }
      figure('40,000 : 20,000', (best[1] ?? 0) / (best[0] ?? 1), 2.3, '');
    }),
  ]),
]);
