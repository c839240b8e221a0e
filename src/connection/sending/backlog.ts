import type { Protocol } from '../../protocol/protocol.ts';
import type { SharedMessage } from '../../protocol/sending/shared-message.ts';
import type { ResolvedConnectionOptions } from '../options/options.ts';
import { byteLength } from './payload.ts';
import type { SendOptions } from './send-options.ts';

/** A whole message of which nothing was written yet. */
export interface WaitingMessage {
  readonly payload: string | Uint8Array | SharedMessage;
  readonly options: SendOptions | undefined;
  /** Its payload in bytes. */
  readonly length: number;
}

type Policy = ResolvedConnectionOptions['backpressure']['policy'];

/** Whether a policy may still drop what was accepted, so that it has to wait in a backlog. */
export function keepsBack(policy: Policy): boolean {
  return policy === 'drop-oldest' || policy === 'conflate';
}

/**
 * Whole messages that a slow peer has to wait for, where the policy may still drop them: they are
 * handed on only while less than the soft mark waits ahead. What is left of them keeps its order.
 */
export class Backlog {
  readonly #policy: Policy;
  readonly #soft: number;
  readonly #hard: number;
  readonly #onDropped: (bytes: number) => void;
  readonly #messages = new Set<WaitingMessage>();
  readonly #byKey = new Map<string, WaitingMessage>();
  #length = 0;

  constructor(
    { policy, soft, hard }: ResolvedConnectionOptions['backpressure'],
    onDropped: (bytes: number) => void,
  ) {
    this.#policy = policy;
    this.#soft = soft;
    this.#hard = hard;
    this.#onDropped = onDropped;
  }

  /** How many bytes wait here. */
  get length(): number {
    return this.#length;
  }

  get empty(): boolean {
    return this.#messages.size === 0;
  }

  /** Whether a whole message has to wait here, when so many bytes wait ahead of it. */
  holds(ahead: number): boolean {
    return !this.empty || ahead >= this.#soft;
  }

  /** Makes room by the policy and keeps a copy of the message; false when there is no room for it. */
  add(
    payload: WaitingMessage['payload'],
    options: SendOptions | undefined,
    ahead: number,
  ): boolean {
    const length = lengthOf(payload);
    const key = this.#policy === 'conflate' ? options?.key : undefined;
    const earlier = key === undefined ? undefined : this.#byKey.get(key);
    if (earlier !== undefined) this.#drop(earlier);
    if (!this.#makeRoom(ahead)) {
      this.#onDropped(length);
      return false;
    }
    const own = payload instanceof Uint8Array ? new Uint8Array(payload) : payload;
    const message = { payload: own, options, length };
    this.#messages.add(message);
    if (key !== undefined) this.#byKey.set(key, message);
    this.#length += length;
    return true;
  }

  /** Takes the next message out, if fewer bytes than the soft mark wait ahead. */
  next(ahead: number): WaitingMessage | undefined {
    return ahead < this.#soft ? this.#oldest(true) : undefined;
  }

  /** Takes all messages out, in order. */
  takeAll(): WaitingMessage[] {
    const messages = [...this.#messages];
    this.#forget();
    this.#length = 0;
    return messages;
  }

  /** Nothing leaves any more: the messages go, how much they were stays. */
  abandon(): void {
    this.#forget();
  }

  /** Drops the oldest until less than the hard mark is buffered in all. */
  #makeRoom(ahead: number): boolean {
    while (ahead + this.#length >= this.#hard) {
      const oldest = this.#oldest(false);
      if (oldest === undefined) return false;
      this.#drop(oldest);
    }
    return true;
  }

  #oldest(take: boolean): WaitingMessage | undefined {
    const { value } = this.#messages.values().next();
    if (take && value !== undefined) this.#remove(value);
    return value;
  }

  #drop(message: WaitingMessage): void {
    this.#remove(message);
    this.#onDropped(message.length);
  }

  #remove(message: WaitingMessage): void {
    this.#messages.delete(message);
    this.#length -= message.length;
    const key = message.options?.key;
    if (key !== undefined && this.#byKey.get(key) === message) this.#byKey.delete(key);
  }

  #forget(): void {
    this.#messages.clear();
    this.#byKey.clear();
  }
}

/** Hands on what waited. */
export function sendWaiting(protocol: Protocol, { payload, options }: WaitingMessage): void {
  if (typeof payload === 'string' || payload instanceof Uint8Array) protocol.send(payload, options);
  else protocol.share(payload);
}

function lengthOf(payload: WaitingMessage['payload']): number {
  return typeof payload === 'string' ? byteLength(payload) : payload.length;
}
