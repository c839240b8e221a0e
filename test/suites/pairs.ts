import type { TestContext } from 'node:test';

import type { Connection } from '../../src/connection/connection.ts';
import type { Handler, Message } from '../../src/connection/handler.ts';
import type { ConnectionOptions } from '../../src/connection/options/options.ts';
import type { Clock } from '../../src/connection/timing/clock.ts';
import type { Role } from '../../src/protocol/role.ts';
import { connectedPair, connectOver } from '../../src/testing/connected-pair.ts';
import { DuplexTransport } from '../../src/transport/duplex.ts';
import { type SocketPair, tcpPair, tlsPair } from '../support/socket-pair.ts';

/** What a suite asks of a pair; an end without a handler is pulled. */
export interface PairOptions {
  readonly server?: Handler;
  readonly client?: Handler;
  readonly options?: ConnectionOptions;
  readonly clock?: Clock;
}

/** Both ends of an open connection. */
export interface Pair {
  readonly server: Connection;
  readonly client: Connection;
}

/** Makes an open connection over the transport that a suite is run on. */
export type MakePair = (t: TestContext, given?: PairOptions) => Promise<Pair>;

export const roles: readonly Role[] = ['server', 'client'];

export const otherRole = (role: Role): Role => (role === 'server' ? 'client' : 'server');

/** One turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits, turn by turn, until something holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

/** Sends at the pace of the peer. */
export async function sendAll(connection: Connection, messages: Iterable<Message>): Promise<void> {
  for (const message of messages) if (!connection.send(message)) await connection.drained();
}

/** Pulls so many messages. */
export async function pull(connection: Connection, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  while (messages.length < count) {
    const message = await connection.receive();
    if (message === undefined) throw new Error(`the end came after ${messages.length} messages`);
    messages.push(message);
  }
  return messages;
}

function terminateAfter(t: TestContext, { server, client }: Pair): void {
  t.after(() => {
    server.terminate();
    client.terminate();
  });
}

/** Joins both ends in memory. */
export const overMemory: MakePair = async (t, given = {}) => {
  const pair = connectedPair(given);
  terminateAfter(t, pair);
  return pair;
};

function overSockets(connectSockets: () => Promise<SocketPair>): MakePair {
  return async (t, given = {}) => {
    const { server, client } = await connectSockets();
    const pair = connectOver([new DuplexTransport(server), new DuplexTransport(client)], given);
    terminateAfter(t, pair);
    return pair;
  };
}

/** Joins both ends by a TCP connection over the loopback. */
export const overTcp: MakePair = overSockets(tcpPair);

/** Joins both ends by a TLS connection over the loopback. */
export const overTls: MakePair = overSockets(tlsPair);
