import assert from 'node:assert/strict';

import {
  subprotocol,
  type Ending,
  type Message,
  type SubjectConnection,
} from '../subject/subject.ts';
import { closings } from './closing-checks.ts';
import type { Ability } from './limit.ts';
import { patience, within } from './mailbox.ts';
import { assertSame, bytesOf, textOf } from './payload.ts';

/** The columns of the table. */
export const groups = [
  'text',
  'binary',
  'burst',
  'fragments',
  'ping',
  'close',
  'subprotocol',
  'page',
] as const;
/** One column of the table. */
export type Group = (typeof groups)[number];

/** One open connection between the subject and a peer that echoes and obeys commands. */
export interface Trial {
  readonly connection: SubjectConnection;
  /** How the peer saw the connection end; undefined if it cannot tell. */
  readonly peerEnding: () => Promise<Ending | undefined>;
}

/** One line of the matrix. */
export interface Check {
  readonly group: Group;
  readonly name: string;
  readonly needs?: Ability;
  run(trial: Trial): Promise<void>;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const sizes: readonly (readonly [string, number])[] = [
  ['0 B', 0],
  ['1 B', 1],
  ['125 B', 125],
  ['126 B', 126],
  ['65535 B', 65_535],
  ['64 KiB', 64 * KIB],
  ['1 MiB', MIB],
  ['16 MiB', 16 * MIB],
];

/** How long an answer of this many bytes may take, in milliseconds. */
function patienceFor(size: number): number {
  return patience + size / 200;
}

async function echo(connection: SubjectConnection, message: Message): Promise<void> {
  const timeout = patienceFor(message.length);
  await within(timeout, 'room to send', connection.send(message));
  assertSame(await connection.receive(timeout), message);
}

const echoes: readonly Check[] = sizes.flatMap(([name, size]) => [
  {
    group: 'text' as const,
    name: `text ${name}`,
    run: ({ connection }: Trial) => echo(connection, textOf(size, size + 1)),
  },
  {
    group: 'binary' as const,
    name: `binary ${name}`,
    run: ({ connection }: Trial) => echo(connection, bytesOf(size, size + 2)),
  },
]);

function burstMessage(index: number): Message {
  const size = 1 + ((index * 37) % 400);
  return index % 2 === 0 ? textOf(size, index) : bytesOf(size, index);
}

const burst: Check = {
  group: 'burst',
  name: '500 messages without waiting come back in order',
  async run({ connection }) {
    const send = async () => {
      for (let index = 0; index < 500; index++) await connection.send(burstMessage(index));
    };
    const receive = async () => {
      for (let index = 0; index < 500; index++) {
        assertSame(await connection.receive(patience), burstMessage(index));
      }
    };
    await Promise.all([within(patience * 2, 'end of the burst', send()), receive()]);
  },
};

const emptyAmongOthers: Check = {
  group: 'burst',
  name: 'empty messages among others come back in order',
  needs: 'empty-in-window',
  async run({ connection }) {
    const messages = ['one', '', '', new Uint8Array(0), 'two', new Uint8Array(0)];
    for (const message of messages) await connection.send(message);
    for (const message of messages) assertSame(await connection.receive(patience), message);
  },
};

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

function letters(count: number, size: number): string {
  return Array.from({ length: count }, (_, index) =>
    String.fromCharCode(0x61 + (index % 26)).repeat(size),
  ).join('');
}

function fragmentsFromPeer(type: 'text' | 'binary', count: number, size: number): Check {
  return {
    group: 'fragments',
    name: `the peer sends ${type} in ${count} fragments of ${size} B`,
    needs: 'fragments',
    async run({ connection }) {
      await connection.send(`!fragments ${type} ${count} ${size}`);
      const expected = letters(count, size);
      const message = await connection.receive(patience);
      assertSame(message, type === 'text' ? expected : Buffer.from(expected));
    },
  };
}

const fragments: readonly Check[] = [
  {
    group: 'fragments',
    name: 'text in 7-byte fragments, cut inside characters',
    async run({ connection }) {
      const text = textOf(700, 11);
      await connection.sendFragments(cut(Buffer.from(text), 7), 'text');
      assertSame(await connection.receive(patience), text);
    },
  },
  {
    group: 'fragments',
    name: '4 MiB in 64 KiB fragments',
    async run({ connection }) {
      const bytes = bytesOf(4 * MIB, 12);
      await connection.sendFragments(cut(bytes, 64 * KIB), 'binary');
      assertSame(await connection.receive(patienceFor(bytes.length)), bytes);
    },
  },
  {
    group: 'fragments',
    name: 'a Ping between fragments, then an empty last one',
    async run({ connection }) {
      await connection.sendPart('first, ', false);
      await within(patience, 'pong', connection.ping(Buffer.from('between')));
      await connection.sendPart('second', false);
      await connection.sendPart('', true);
      assertSame(await connection.receive(patience), 'first, second');
    },
  },
  fragmentsFromPeer('text', 5, 100),
  fragmentsFromPeer('binary', 40, 3000),
];

const pings: readonly Check[] = [
  ...[0, 5, 125].map((size) => ({
    group: 'ping' as const,
    name: `a Ping of ${size} B is answered`,
    async run({ connection }: Trial) {
      const roundTrip = await within(patience, 'pong', connection.ping(bytesOf(size, size)));
      assert.ok(roundTrip >= 0 && roundTrip < patience, `round trip of ${roundTrip} ms`);
    },
  })),
  {
    group: 'ping',
    name: 'a Ping of the peer is answered',
    needs: 'ping',
    async run({ connection }) {
      await connection.send('!ping are you there?');
      const payload = await connection.receivePing(patience);
      assert.equal(Buffer.from(payload).toString(), 'are you there?');
      assertSame(await connection.receive(patience), 'pong are you there?');
    },
  },
];

const subprotocols: Check = {
  group: 'subprotocol',
  name: 'the subprotocol both know is chosen',
  needs: 'subprotocol',
  async run({ connection }) {
    assert.equal(connection.subprotocol, subprotocol);
  },
};

/** Every check, in the order of the table's columns. */
export const checks: readonly Check[] = [
  ...echoes,
  burst,
  emptyAmongOthers,
  ...fragments,
  ...pings,
  ...closings,
  subprotocols,
].toSorted((left, right) => groups.indexOf(left.group) - groups.indexOf(right.group));
