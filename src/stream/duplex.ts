import { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

import type { Message } from '../connection/handler.ts';
import { oneOf, resolveOptions } from '../connection/options/option-rules.ts';
import { MessageSource, sendWhole, type StreamableConnection } from './message-source.ts';

/** How a Duplex sends. */
export interface DuplexOptions {
  /** Whether every write is sent as a text or as a binary message. Default: binary. */
  readonly type?: 'text' | 'binary';
}

const rules = { type: oneOf('binary', 'text') };
const defaults: { readonly type: 'text' | 'binary' } = { type: 'binary' };

/**
 * A connection as a Node stream: one chunk is one message. Binary messages are read as Buffers, text
 * as strings. `end` closes with 1000 behind all that was sent and finishes when the peer has
 * answered; `destroy` terminates. A clean close ends the readable side, any other is an error, which
 * is silent when nobody listens.
 */
export function toDuplex(connection: StreamableConnection, options?: DuplexOptions): Duplex {
  return new MessageDuplex(connection, resolveOptions(options, rules, defaults).type);
}

type Done = (error?: Error | null) => void;

class MessageDuplex extends Duplex {
  readonly #connection: StreamableConnection;
  readonly #source: MessageSource;
  /** Keeps a character that was cut between two writes. */
  readonly #decoder: StringDecoder | undefined;

  constructor(connection: StreamableConnection, type: 'text' | 'binary') {
    // Messages keep their bounds on the way out, and only one is read ahead.
    super({
      readableObjectMode: true,
      readableHighWaterMark: 1,
      decodeStrings: false,
      allowHalfOpen: false,
    });
    // An error that nobody listens for must not end the process: the peer alone can cause one.
    this.on('error', () => {});
    this.#connection = connection;
    this.#decoder = type === 'text' ? new StringDecoder('utf8') : undefined;
    this.#source = new MessageSource(connection, {
      onMessage: (message) => this.push(chunkOf(message)),
      onEnd: () => this.push(null),
      onError: (error) => this.destroy(error as Error),
    });
  }

  override _read(): void {
    this.#source.pull();
  }

  override _write(chunk: string | Buffer, encoding: BufferEncoding, done: Done): void {
    const message = this.#messageOf(chunk, encoding);
    // Nothing but the first bytes of a character came: they go with the next write.
    if (message === '' && chunk.length > 0) done();
    else void settle(sendWhole(this.#connection, message), done);
  }

  override _final(done: Done): void {
    void settle(this.#finish(), done);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#connection.terminate();
    done(error);
  }

  async #finish(): Promise<void> {
    const rest = this.#decoder?.end() ?? '';
    if (rest !== '') await sendWhole(this.#connection, rest);
    await this.#source.close();
  }

  #messageOf(chunk: string | Buffer, encoding: BufferEncoding): string | Uint8Array {
    if (this.#decoder === undefined) {
      return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    }
    const isText = typeof chunk === 'string' && /^utf-?8$/i.test(encoding);
    if (isText) return chunk;
    return this.#decoder.write(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
  }
}

function chunkOf(message: Message): string | Buffer {
  if (typeof message === 'string') return message;
  return Buffer.from(message.buffer, message.byteOffset, message.byteLength);
}

async function settle(work: Promise<void>, done: Done): Promise<void> {
  try {
    await work;
  } catch (error) {
    return done(error as Error);
  }
  done();
}
