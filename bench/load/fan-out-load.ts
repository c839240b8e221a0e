import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';

import { check, Inbox } from './expectation.ts';
import { frameLength, maskedFrame, repeated } from './frames.ts';
import { Latency } from './latency.ts';
import type { FanOutPlan, Load, LoadFigures, ServerTarget } from './plan.ts';
import { Random } from './random.ts';
import { closeMany, openMany, RawConnection, type Target } from './raw-connection.ts';
import { Stretch } from './stretch.ts';

/** A server may put a subscriber on its list a little after the opening handshake. */
const settlingTime = 200;

/** Messages of one publisher that a server sends to every subscriber. */
export class FanOutLoad implements Load {
  readonly #plan: FanOutPlan;
  readonly #target: Target;
  readonly #burst: Uint8Array;
  readonly #latency = new Latency();
  #subscribers: RawConnection[] = [];
  #publisher: RawConnection | undefined;
  #stretch = new Stretch();
  #bytesLeft = 0;
  #sentAt = 0;
  #messages = 0;

  constructor(plan: FanOutPlan, { port }: ServerTarget) {
    const random = new Random(plan.seed);
    this.#plan = plan;
    this.#target = { port, path: '/subscribe', tls: plan.tls };
    const frame = maskedFrame('binary', random.bytes(plan.size), random);
    this.#burst = repeated(frame, plan.burst);
  }

  async open(): Promise<number> {
    this.#subscribers = await openMany(this.#target, this.#plan.subscribers);
    for (const subscriber of this.#subscribers) {
      subscriber.onBytes = (_bytes, end) => this.#receive(end);
    }
    this.#publisher = await RawConnection.open({ ...this.#target, path: '/publish' });
    await wait(settlingTime);
    return this.#subscribers.length;
  }

  async verify(): Promise<void> {
    const random = new Random(this.#plan.seed + 1);
    const subscribers = await openMany(this.#target, 5);
    const publisher = await RawConnection.open({ ...this.#target, path: '/publish' });
    const inboxes = subscribers.map((subscriber) => Inbox.of(subscriber));
    await wait(settlingTime);
    for (let round = 0; round < 5; round += 1) {
      const payload = random.bytes(this.#plan.size);
      publisher.socket.write(maskedFrame('binary', payload, random));
      for (const inbox of inboxes) check(await inbox.frame(), { type: 'binary', payload });
    }
    await closeMany([...subscribers, publisher]);
  }

  async run(seconds: number): Promise<LoadFigures> {
    const began = performance.now();
    this.#latency.reset();
    this.#messages = 0;
    this.#stretch = new Stretch(this.#subscribers.map(({ socket }) => socket));
    this.#publish();
    await this.#stretch.over(seconds);
    const took = (performance.now() - began) / 1_000;
    return { messages: this.#messages, seconds: took, ...this.#latency.percentiles() };
  }

  async close(): Promise<void> {
    await closeMany(this.#subscribers);
    await this.#publisher?.close();
    this.#subscribers = [];
  }

  #publish(): void {
    const { size, burst, subscribers } = this.#plan;
    this.#bytesLeft = frameLength(size) * burst * subscribers;
    this.#stretch.waiting += burst * subscribers;
    this.#sentAt = performance.now();
    this.#publisher?.socket.write(this.#burst);
  }

  #receive(length: number): void {
    if (this.#stretch.waiting === 0) return;
    this.#bytesLeft -= length;
    if (this.#bytesLeft > 0) return;
    const { burst, subscribers } = this.#plan;
    this.#latency.record(performance.now() - this.#sentAt);
    this.#messages += burst * subscribers;
    this.#stretch.settle(burst * subscribers);
    if (!this.#stretch.ending) this.#publish();
  }
}
