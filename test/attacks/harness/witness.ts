import assert from 'node:assert/strict';

import type { CloseInfo, Connection, Handler, Message } from 'hawser';

import { within } from './waiting.ts';

/** What happened to an attacked connection. */
export class Witness {
  readonly connection: Connection;
  readonly messages: Message[] = [];
  readonly infos: CloseInfo[] = [];
  pings = 0;
  drains = 0;
  errors: unknown[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Resolves with why the connection closed. */
  closed(ms: number): Promise<CloseInfo> {
    return within(this.connection.closed, ms, 'the end of the connection');
  }

  /** Throws unless the end was told exactly once. */
  assertEndedOnce(): void {
    assert.equal(this.infos.length, 1, 'exactly one terminal event');
    assert.equal(this.connection.state, 'closed');
  }
}

/** A handler that tells witnesses what happens, and echoes messages unless told otherwise. */
export function witnessing(
  onOpen: (witness: Witness) => void,
  message: Handler['message'] = (connection, data) => connection.send(data),
  record = true,
): Handler {
  const witnesses = new WeakMap<Connection, Witness>();
  return {
    open(connection) {
      const witness = new Witness(connection);
      witnesses.set(connection, witness);
      onOpen(witness);
    },
    message(connection, data, bits) {
      if (record) witnesses.get(connection)?.messages.push(data);
      return message?.(connection, data, bits);
    },
    ping(connection) {
      const witness = witnesses.get(connection);
      if (witness !== undefined) witness.pings++;
    },
    drain(connection) {
      const witness = witnesses.get(connection);
      if (witness !== undefined) witness.drains++;
    },
    close(connection, info) {
      witnesses.get(connection)?.infos.push(info);
    },
    error(connection, error) {
      if (connection !== undefined) witnesses.get(connection)?.errors.push(error);
    },
  };
}
