import type { Message } from '../connection/handler.ts';
import { ConnectionClosedError } from '../connection/reporting/errors.ts';
import type { Payload } from '../connection/sending/payload.ts';
import {
  type MessageSink,
  MessageSource,
  sendWhole,
  type StreamableConnection,
} from './message-source.ts';

/** A connection as a pair of WHATWG streams. */
export interface WebStreams {
  readonly readable: ReadableStream<Message>;
  readonly writable: WritableStream<Payload>;
}

/**
 * A connection as WHATWG streams: one chunk is one message. Closing the writable closes with 1000
 * behind all that was sent; cancelling or aborting terminates. A clean close ends the readable, any
 * other fails it with a ConnectionClosedError; either fails a writable that was not closed.
 */
export function toWebStreams(connection: StreamableConnection): WebStreams {
  const side = new ReadableSide();
  const source = new MessageSource(connection, side);
  const readable = new ReadableStream<Message>({
    start: (controller) => side.open(controller),
    pull: () => source.pull(),
    cancel: () => {
      side.shut();
      connection.terminate();
    },
  });
  return { readable, writable: createWritable(connection, source) };
}

/** Hands messages to the controller of a ReadableStream until that is over. */
class ReadableSide implements MessageSink {
  #controller: ReadableStreamDefaultController<Message> | undefined;

  open(controller: ReadableStreamDefaultController<Message>): void {
    this.#controller = controller;
  }

  shut(): void {
    this.#controller = undefined;
  }

  onMessage(message: Message): void {
    this.#controller?.enqueue(message);
  }

  onEnd(): void {
    this.#controller?.close();
  }

  onError(error: unknown): void {
    this.#controller?.error(error);
  }
}

function createWritable(
  connection: StreamableConnection,
  source: MessageSource,
): WritableStream<Payload> {
  return new WritableStream<Payload>({
    start: (controller) => {
      // An abort method would only be called when the write under way is over. Node has had the
      // signal for long, its types have not.
      const { signal } = controller as typeof controller & { readonly signal: AbortSignal };
      signal.addEventListener('abort', () => connection.terminate());
      void connection.closed.then((info) => {
        // Ignored by a writable that was closed, or is being closed and gets its answer.
        controller.error(new ConnectionClosedError(info));
      });
    },
    write: (chunk) => sendWhole(connection, chunk),
    close: () => source.close(),
  });
}
