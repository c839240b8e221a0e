import assert from 'node:assert/strict';
import type { Writable } from 'node:stream';

import * as ws from 'ws';

import { violations, type Violation } from '../../src/protocol/errors.ts';
import { Protocol } from '../../src/protocol/protocol.ts';
import type { Role } from '../../src/protocol/role.ts';
import { prefixed } from '../corpus/bytes.ts';
import { frameWords, framesTo } from '../corpus/frames.ts';
import { pieces } from '../engine/cuts.ts';
import type { Run, Target } from '../engine/target.ts';
import { differences, type Outcome, type OwnOutcome, type Told } from './differences.ts';
import { Recording } from './recording.ts';

interface ReceiverOptions {
  readonly isServer: boolean;
  readonly maxPayload: number;
  readonly maxFragments: number;
}

/** The receiver of ws, which its type package does not know. */
const { Receiver } = ws as unknown as { Receiver: new (options: ReceiverOptions) => Writable };

const MAX_MESSAGE_SIZE = 300;
const MAX_FRAGMENTS = 8;
const KEY_LENGTH = 4;

const hex = (bytes: Buffer): string => bytes.toString('hex');

function codeOf(error: Error): number {
  const symbol = Object.getOwnPropertySymbols(error).find(
    ({ description }) => description === 'status-code',
  );
  assert.ok(symbol !== undefined, `ws failed by ${String(error)}`);
  return Number(Reflect.get(error, symbol));
}

/** What ws makes of a stream. */
async function theirs(role: Role, stream: Uint8Array): Promise<Outcome> {
  const told: Told[] = [];
  let code: number | undefined;
  const receiver = new Receiver({
    isServer: role === 'server',
    maxPayload: MAX_MESSAGE_SIZE,
    maxFragments: MAX_FRAGMENTS,
  });
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    told.push(isBinary ? ['binary', hex(data)] : ['text', data.toString()]),
  );
  receiver.on('ping', (data: Buffer) => told.push(['ping', hex(data)]));
  receiver.on('pong', (data: Buffer) => told.push(['pong', hex(data)]));
  receiver.on('conclude', (code: number, reason: Buffer) =>
    told.push(['close', code, reason.toString()]),
  );
  receiver.on('error', (error) => (code = codeOf(error)));
  const closed = new Promise((resolve) => receiver.once('close', resolve));
  receiver.write(Buffer.from(stream));
  receiver.end();
  await closed;
  return { told, code };
}

/** How many bytes the header at the end of a good stream lacks, or the only byte of a Close. */
function lacking(stream: Uint8Array, key: number): number {
  let at = 0;
  while (at < stream.length) {
    const [first = 0, second = 0] = stream.subarray(at, at + 2);
    const short = second & 0x7f;
    const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
    const end = at + 2 + extended + key;
    const only = first === 0x88 && short === 1 ? 1 : 0;
    if (end + only > stream.length) return end + only - stream.length;
    const length = Buffer.from(stream.subarray(at + 2, at + 2 + extended)).toString('hex');
    at = end + (extended === 0 ? short : parseInt(length, 16));
  }
  return 0;
}

const told = ['text', 'binary', 'ping', 'pong', 'close'];

/** What this library makes of it. */
function ours(role: Role, stream: Uint8Array, cuts: readonly number[]): OwnOutcome {
  const recording = new Recording();
  const protocol = new Protocol(
    {
      role,
      maxMessageSize: MAX_MESSAGE_SIZE,
      maxFragments: MAX_FRAGMENTS,
      echoClose: false,
      nextMaskingKey: () => 1,
    },
    recording,
  );
  const violation = (): Violation | undefined =>
    recording.trace.find(([name]) => name === 'violation')?.[1] as Violation | undefined;
  const code = (): number | undefined => {
    const row = violation();
    return row === undefined ? undefined : violations[row][0];
  };
  for (const chunk of pieces(stream, cuts)) protocol.receive(chunk);
  const events = recording.trace.filter(([name]) => told.includes(name)) as unknown as Told[];
  const outcome = { told: events, violation: violation(), code: code() };
  protocol.receive(new Uint8Array(lacking(stream, role === 'server' ? KEY_LENGTH : 0)));
  return { ...outcome, codeSoon: code() };
}

async function compare(input: Uint8Array, cuts: readonly number[]): Promise<Run> {
  const role = (input[0] ?? 0) % 2 === 0 ? 'server' : 'client';
  const stream = input.subarray(1);
  const own = ours(role, stream, cuts);
  const other = await theirs(role, stream);
  const same = JSON.stringify([own.told, own.code]) === JSON.stringify([other.told, other.code]);
  const difference = same ? undefined : differences.find(({ matches }) => matches(own, other));
  if (!same && difference === undefined) {
    assert.fail(`ours ${JSON.stringify(own)}, ws ${JSON.stringify(other)}`);
  }
  const shape = difference?.name ?? 'same';
  return { trace: [...own.told, ['violation', own.violation], [shape]], subject: other };
}

/** The same stream given to the receiver of ws: they may differ in ways that are listed alone. */
export const wsReceiverTarget: Target = {
  name: 'ws-receiver',
  seeds: [...prefixed([[0]], framesTo('server')), ...prefixed([[1]], framesTo('client'))],
  words: [...frameWords('server'), ...frameWords('client')],
  maxLength: 1024,
  run: compare,
};
