import { once } from 'node:events';
import type { Socket } from 'node:net';

import { opcodes, type ReceivedFrame, takeFrame } from './frames.ts';
import type { MessageType } from './frames.ts';
import { inflated } from './messages.ts';
import type { RawConnection } from './raw-connection.ts';

const patience = 10_000;

/** Collects what a connection receives, to look at it frame by frame. */
export class Inbox {
  #bytes: Buffer = Buffer.alloc(0);
  readonly #socket: Socket;
  readonly #arrived = new EventTarget();

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Reads what a connection of ours receives. */
  static of(connection: RawConnection): Inbox {
    const inbox = new Inbox(connection.socket);
    connection.onBytes = (bytes, end) => inbox.put(bytes.subarray(0, end));
    return inbox;
  }

  put(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    this.#arrived.dispatchEvent(new Event('bytes'));
  }

  /** The next frame. */
  frame(): Promise<ReceivedFrame> {
    return this.#take(() => {
      const taken = takeFrame(this.#bytes);
      if (taken === undefined) return undefined;
      this.#bytes = this.#bytes.subarray(taken[1]);
      return taken[0];
    });
  }

  /** The next so many bytes. */
  bytes(length: number): Promise<Uint8Array> {
    return this.#take(() => {
      if (this.#bytes.length < length) return undefined;
      const taken = this.#bytes.subarray(0, length);
      this.#bytes = this.#bytes.subarray(length);
      return taken;
    });
  }

  async #take<T>(attempt: () => T | undefined): Promise<T> {
    const signal = AbortSignal.timeout(patience);
    for (;;) {
      const taken = attempt();
      if (taken !== undefined) return taken;
      if (this.#socket.destroyed) throw new Error('the connection ended');
      await once(this.#arrived, 'bytes', { signal }).catch(() => {
        throw new Error(`nothing came back within ${patience / 1_000} s`);
      });
    }
  }
}

/** What a message that comes back must be. */
export interface Expected {
  readonly type: MessageType;
  readonly payload: Uint8Array;
  /** What was sent before it in the same compression context; undefined without compression. */
  readonly history?: Uint8Array | undefined;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Throws unless a frame is the whole message that was expected, byte by byte. */
export function check(frame: ReceivedFrame, { type, payload, history }: Expected): void {
  if (!frame.fin || frame.opcode !== opcodes[type]) throw new Error('not one whole message');
  const compressed = history !== undefined;
  if (frame.rsv !== (compressed ? 4 : 0)) {
    throw new Error(compressed ? 'the message is not compressed' : 'reserved bits are set');
  }
  const plain = compressed ? inflated(frame.payload, history) : frame.payload;
  if (!same(plain, payload)) throw new Error('the message differs from the one sent');
}

/** Throws unless the very bytes that were sent came back. */
export async function checkBytes(inbox: Inbox, sent: Uint8Array): Promise<void> {
  if (!same(await inbox.bytes(sent.length), sent)) throw new Error('the bytes differ');
}
