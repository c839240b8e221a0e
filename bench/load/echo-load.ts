import { performance } from 'node:perf_hooks';

import { check, checkBytes, Inbox } from './expectation.ts';
import { type Counter, FrameCounter, LengthCounter } from './frame-counter.ts';
import { frameLength, maskedFrame } from './frames.ts';
import { Latency } from './latency.ts';
import { deflated, type FrameSource, payloadOf, prepareFrames } from './messages.ts';
import type { EchoPlan, Load, LoadFigures, ServerTarget } from './plan.ts';
import { Random } from './random.ts';
import { closeMany, openMany, RawConnection, type Target } from './raw-connection.ts';
import { Stretch } from './stretch.ts';

/** Rounds of the verification. */
const verified = 20;

const takeoverOffer = 'permessage-deflate; client_max_window_bits';
const freshOffer = `${takeoverOffer}; server_no_context_takeover; client_no_context_takeover`;
const offers = { fresh: freshOffer, takeover: takeoverOffer };

/** One connection of the load: what it has sent and what is back. */
interface Lane {
  readonly connection: RawConnection;
  readonly source: FrameSource;
  sent: number;
  back: number;
  /** The message whose return is timed, and when it was sent. */
  marked: number;
  markedAt: number;
}

/** Messages that a server sends back. */
export class EchoLoad implements Load {
  readonly #plan: EchoPlan;
  readonly #target: Target;
  readonly #raw: boolean;
  readonly #latency = new Latency();
  #lanes: Lane[] = [];
  #stretch = new Stretch();

  constructor(plan: EchoPlan, { port, raw }: ServerTarget) {
    const offer = plan.deflate && offers[plan.deflate];
    this.#plan = plan;
    this.#raw = raw;
    this.#target = { port, path: '/echo', tls: plan.tls, offer };
  }

  async open(): Promise<number> {
    const sourceFor = prepareFrames(this.#plan);
    const connections = await openMany(this.#target, this.#plan.connections);
    this.#lanes = connections.map((connection) => this.#createLane(connection, sourceFor()));
    return connections.length;
  }

  async verify(): Promise<void> {
    const connection = await RawConnection.open(this.#target);
    this.#checkExtension(connection.head);
    const inbox = Inbox.of(connection);
    const random = new Random(this.#plan.seed + 1);
    let history: Uint8Array = new Uint8Array(0);
    for (let round = 0; round < verified; round += 1) {
      const payload = payloadOf(this.#plan, random);
      await this.#verifyOne(connection, inbox, random, payload, history);
      if (this.#plan.deflate === 'takeover') history = Buffer.concat([history, payload]);
    }
    await connection.close();
  }

  async run(seconds: number): Promise<LoadFigures> {
    const began = performance.now();
    this.#latency.reset();
    this.#stretch = new Stretch(this.#lanes.map(({ connection }) => connection.socket));
    const before = this.#countBack();
    for (const lane of this.#lanes) this.#send(lane, this.#plan.inFlight);
    await this.#stretch.over(seconds);
    const took = (performance.now() - began) / 1_000;
    return {
      messages: this.#countBack() - before,
      seconds: took,
      ...this.#latency.percentiles(),
    };
  }

  async close(): Promise<void> {
    await closeMany(this.#lanes.map(({ connection }) => connection));
    this.#lanes = [];
  }

  #countBack(): number {
    return this.#lanes.reduce((sum, { back }) => sum + back, 0);
  }

  #createLane(connection: RawConnection, source: FrameSource): Lane {
    const lane = { connection, source, sent: 0, back: 0, marked: 0, markedAt: 0 };
    const counter = this.#createCounter();
    connection.onBytes = (bytes, end) => {
      const back = counter.count(bytes, end);
      if (back > 0) this.#receive(lane, back);
    };
    return lane;
  }

  #createCounter(): Counter {
    const { deflate, size } = this.#plan;
    if (deflate !== undefined) return new FrameCounter();
    return new LengthCounter(frameLength(size) + (this.#raw ? 4 : 0));
  }

  #send(lane: Lane, count: number): void {
    if (lane.marked <= lane.back) {
      lane.marked = lane.sent + 1;
      lane.markedAt = performance.now();
    }
    lane.sent += count;
    this.#stretch.waiting += count;
    lane.connection.socket.write(lane.source.take(count));
  }

  #receive(lane: Lane, count: number): void {
    const timed = lane.marked > lane.back;
    lane.back += count;
    if (timed && lane.marked <= lane.back) {
      this.#latency.record(performance.now() - lane.markedAt);
    }
    this.#stretch.settle(count);
    if (this.#stretch.ending) return;
    if (this.#plan.batch !== true) return this.#send(lane, count);
    if (lane.back === lane.sent) this.#send(lane, this.#plan.inFlight);
  }

  async #verifyOne(
    { socket }: RawConnection,
    inbox: Inbox,
    random: Random,
    payload: Uint8Array,
    history: Uint8Array,
  ): Promise<void> {
    const { type, deflate } = this.#plan;
    const compressed = deflate !== undefined;
    const content = compressed ? deflated(payload, history) : payload;
    const frame = maskedFrame(type, content, random, compressed ? 4 : 0);
    socket.write(frame);
    if (this.#raw) await checkBytes(inbox, frame);
    else check(await inbox.frame(), { type, payload, history: compressed ? history : undefined });
  }

  #checkExtension(head: string): void {
    const { deflate } = this.#plan;
    if (deflate === undefined) return;
    const accepted = /^sec-websocket-extensions: *(.*)$/im.exec(head)?.[1] ?? '';
    if (!accepted.startsWith('permessage-deflate')) throw new Error('it has no permessage-deflate');
    const fresh = accepted.includes('server_no_context_takeover');
    if (fresh !== (deflate === 'fresh')) throw new Error(`it answered ${accepted}`);
  }
}
