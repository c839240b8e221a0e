import assert from 'node:assert/strict';

import type { Group } from '../matrix/checks.ts';
import { assertEnding } from '../matrix/closing-checks.ts';
import { patience, within } from '../matrix/mailbox.ts';
import { assertSame, textOf } from '../matrix/payload.ts';
import type { OpenRow, Row } from '../matrix/row.ts';
import { startOnFreePort } from '../setup/free-port.ts';
import { packageVersion } from '../setup/packages.ts';
import { PeerProcess } from '../setup/process.ts';
import type { Subject, SubjectConnection } from '../subject/subject.ts';
import type { Peer } from './peer.ts';

/** The test server has no echo: one subprotocol mirrors short text, one counts. */
const mirror = 'lws-mirror-protocol';
const counter = 'dumb-increment-protocol';

interface MirrorCheck {
  readonly group: Group;
  readonly name: string;
  readonly subprotocol: string;
  run(connection: SubjectConnection): Promise<void>;
}

function mirrored(size: number): MirrorCheck {
  return {
    group: 'text',
    name: `text of ${size} B is mirrored`,
    subprotocol: mirror,
    async run(connection) {
      const text = textOf(size, size);
      await connection.send(text);
      assertSame(await connection.receive(patience), text);
      assertEnding(await within(patience, 'end', connection.close(1000, '')), 1000);
    },
  };
}

const mirrorChecks: readonly MirrorCheck[] = [
  ...[0, 1, 125, 126, 4000].map(mirrored),
  {
    group: 'burst',
    name: 'the counter counts in order',
    subprotocol: counter,
    async run(connection) {
      for (let number = 0; number < 10; number++) {
        assertSame(await connection.receive(patience), String(number));
      }
    },
  },
  {
    group: 'ping',
    name: 'a Ping of 125 B is answered',
    subprotocol: mirror,
    run: async (connection) => {
      await within(patience, 'pong', connection.ping(new Uint8Array(125).fill(7)));
    },
  },
  {
    group: 'close',
    name: 'closed by us with 3001',
    subprotocol: mirror,
    async run(connection) {
      assertEnding(await within(patience, 'end', connection.close(3001, 'bye')), 3001);
    },
  },
  {
    group: 'close',
    name: 'closed by the peer with 1001 and a reason',
    subprotocol: counter,
    async run(connection) {
      await connection.send('closeme\n');
      const ending = await within(patience, 'end', connection.closed);
      assertEnding(ending, 1001);
      assert.equal(ending.reason, 'seeya');
    },
  },
];

async function openTestServer(subject: Subject, deflate: 'off' | 'on'): Promise<OpenRow> {
  const program = 'libwebsockets-test-server';
  const { port, peer: server } = await startOnFreePort(async (free) => {
    return new PeerProcess({ program, args: [`--port=${free}`, '-d', '3'] });
  });
  return {
    async run(name) {
      const check = mirrorChecks.find((candidate) => candidate.name === name);
      if (check === undefined) throw new Error(`there is no check '${name}'`);
      const options = { deflate, subprotocols: [check.subprotocol] };
      const connection = await subject.connect(`ws://127.0.0.1:${port}/`, options);
      try {
        assert.equal(connection.deflate, false, 'this server never takes deflate up');
        assert.equal(connection.subprotocol, check.subprotocol);
        await check.run(connection);
      } finally {
        connection.terminate();
      }
    },
    log: () => server.log,
    close: () => server.stop(),
  };
}

function rowOf(subject: Subject, deflate: 'off' | 'on'): Row {
  return {
    peer: 'libwebsockets-test-server',
    role: 'client',
    deflate: deflate === 'off' ? 'off' : 'declined',
    checks: mirrorChecks,
    open: () => openTestServer(subject, deflate),
  };
}

/** Debian's ready-made test server of libwebsockets. */
export const testServerPeer: Peer = {
  name: 'libwebsockets-test-server',
  packages: ['libwebsockets-test-server'],
  prepare: () => packageVersion('libwebsockets-test-server'),
  limits: [
    { because: 'has no echo: short text is mirrored, and a counter counts' },
    { deflate: ['on'], because: 'never takes deflate up' },
  ],
  rows: ({ subject }) => [rowOf(subject, 'off'), rowOf(subject, 'on')],
};
