import type { Connection } from '../connection/connection.ts';
import type { Message } from '../connection/handler.ts';
import { wrongType } from '../connection/options/option-rules.ts';
import { ConnectionClosedError } from '../connection/reporting/errors.ts';
import type { Payload } from '../connection/sending/payload.ts';

/** What a stream needs of a connection: any connection without a `message` handler has it. */
export type StreamableConnection = Pick<
  Connection,
  'send' | 'drained' | 'receive' | 'close' | 'terminate' | 'closed' | 'dropped'
>;

/** Takes what a source pulled. */
export interface MessageSink {
  onMessage(message: Message): void;
  /** The connection closed cleanly. */
  onEnd(): void;
  onError(error: unknown): void;
}

/** Pulls the messages of a connection one at a time, so that a slow reader slows the peer. */
export class MessageSource {
  readonly #connection: StreamableConnection;
  readonly #sink: MessageSink;
  #pulling = false;
  #closing = false;
  #droppedBefore = 0;

  /** Pulls the first message at once; a TypeError when a handler takes the messages. */
  constructor(connection: StreamableConnection, sink: MessageSink) {
    if (typeof connection?.receive !== 'function') {
      throw wrongType('connection', 'a Connection', connection);
    }
    this.#connection = connection;
    this.#sink = sink;
    this.pull();
  }

  /** Asks for one more message, unless one is asked for already. */
  pull(): void {
    if (this.#pulling) return;
    const next = this.#connection.receive();
    this.#pulling = true;
    next.then(this.#onMessage, (error: unknown) => this.#sink.onError(error));
  }

  /**
   * Closes behind all that was sent and resolves when the peer has answered. What it still sends
   * waits to be pulled, as far as the connection keeps it.
   */
  async close(): Promise<void> {
    this.#closing = true;
    this.#droppedBefore = this.#connection.dropped.messages;
    const info = await this.#connection.close();
    if (!info.wasClean) throw new ConnectionClosedError(info);
  }

  readonly #onMessage = (message: Message | undefined): void => {
    if (message === undefined) return this.#end();
    this.#pulling = false;
    this.#sink.onMessage(message);
  };

  #end(): void {
    const lost = this.#connection.dropped.messages - this.#droppedBefore;
    if (!this.#closing || lost === 0) return this.#sink.onEnd();
    this.#sink.onError(new Error(`${lost} messages came after close() and were not read in time`));
  }
}

/** Sends a message and resolves when more may be sent. */
export async function sendWhole(connection: StreamableConnection, message: Payload): Promise<void> {
  if (connection.send(message)) return;
  try {
    await connection.drained();
  } catch (error) {
    throw await whyNotSent(connection, error);
  }
}

/** Why the connection closed, if that is known already, else what `drained` said. */
async function whyNotSent(connection: StreamableConnection, error: unknown): Promise<unknown> {
  const known = new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));
  const info = await Promise.race([connection.closed, known]);
  return info === undefined || info.wasClean ? error : new ConnectionClosedError(info);
}
