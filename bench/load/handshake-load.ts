import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';

import { Latency } from './latency.ts';
import type { HandshakePlan, Load, LoadFigures, ServerTarget } from './plan.ts';
import { RawConnection, type Target } from './raw-connection.ts';

/** Linux lets a socket come from any loopback address, each with ports of its own. */
const addresses = process.platform === 'linux' ? 200 : 0;

/** Connections that open and end again. */
export class HandshakeLoad implements Load {
  readonly #plan: HandshakePlan;
  readonly #target: Target;
  readonly #latency = new Latency();
  #count = 0;

  constructor(plan: HandshakePlan, { port }: ServerTarget) {
    this.#plan = plan;
    this.#target = { port, path: '/echo', tls: plan.tls };
  }

  open(): Promise<number> {
    return Promise.resolve(0);
  }

  async verify(): Promise<void> {
    const connection = await RawConnection.open(this.#target);
    const accept = /^sec-websocket-accept: *(\S+)/im.exec(connection.head)?.[1];
    const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
    const wanted = createHash('sha1').update(`${connection.key}${guid}`).digest('base64');
    if (accept !== wanted) throw new Error('the accept key is wrong');
    await connection.close();
  }

  async run(seconds: number): Promise<LoadFigures> {
    const began = performance.now();
    const end = began + seconds * 1_000;
    this.#latency.reset();
    this.#count = 0;
    await Promise.all(Array.from({ length: this.#plan.concurrency }, () => this.#repeat(end)));
    const took = (performance.now() - began) / 1_000;
    return { messages: this.#count, seconds: took, ...this.#latency.percentiles() };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #repeat(end: number): Promise<void> {
    for (let now = performance.now(); now < end;) {
      this.#count += 1;
      const connection = await RawConnection.open({ ...this.#target, ...this.#origin() });
      this.#latency.record(performance.now() - now);
      await connection.close();
      now = performance.now();
    }
  }

  #origin(): Pick<Target, 'localAddress'> {
    return addresses === 0 ? {} : { localAddress: `127.0.0.${2 + (this.#count % addresses)}` };
  }
}
