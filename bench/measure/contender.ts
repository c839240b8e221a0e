import type { EchoPlan, LoadPlan } from '../load/plan.ts';
import { certificate } from '../setup/certificate.ts';
import type { Settings } from '../subject/settings.ts';
import { roleOf, type Workload } from '../workloads.ts';
import type { LoadProcess } from './load-process.ts';
import { type Running, startPeer, type Usage } from './peer-process.ts';
import type { Peer } from './peers.ts';
import { cpuSample, memorySample, type Sample } from './sample.ts';

/** One peer in one workload. */
export interface Contender {
  readonly version: string;
  /** Checks once that every byte comes back as it must. */
  verify(): Promise<void>;
  /** Measures for so many seconds, after a warm-up; the first one is longer. */
  round(seconds: number, first: boolean): Promise<Sample>;
  stop(): void;
  /** Lets the process end by itself. */
  finish(): Promise<void>;
}

/** Seconds at the beginning of a round that are not counted: code is compiled as it gets hot. */
const warmUp = { first: 1.5, later: 0.3 };

async function settingsFor(plan: Workload['plan']): Promise<Settings> {
  const deflate = plan.kind === 'echo' ? plan.deflate : undefined;
  return {
    ...(deflate !== undefined && { deflate }),
    ...(plan.tls === true && { tls: await certificate() }),
  };
}

/** What a contender works with. */
interface Ring {
  readonly peer: Peer;
  readonly plan: LoadPlan;
  readonly settings: Settings;
  readonly load: LoadProcess;
}

class ServerContender implements Contender {
  readonly version: string;
  readonly #ring: Ring;
  readonly #running: Running;

  constructor(ring: Ring, running: Running) {
    this.#ring = ring;
    this.#running = running;
    this.version = running.version;
  }

  async verify(): Promise<void> {
    const { load, plan } = this.#ring;
    const few: object = { ...plan, connections: 1, subscribers: 1 };
    await this.#open(few as LoadPlan);
    await load.verify();
    await load.close();
  }

  async round(seconds: number, first: boolean): Promise<Sample> {
    const { load, plan } = this.#ring;
    await this.#open(plan);
    await load.run(first ? warmUp.first : warmUp.later);
    const before = await this.#running.process.usage();
    const figures = await load.run(seconds);
    const after = await this.#running.process.usage();
    await load.close();
    return cpuSample(before, after, figures);
  }

  stop(): void {
    this.#running.process.stop();
  }

  finish(): Promise<void> {
    return this.#running.process.finish();
  }

  async #open(plan: LoadPlan): Promise<void> {
    const { load, peer } = this.#ring;
    await load.open(plan, { port: this.#running.port, raw: peer.raw === true });
  }
}

/** Memory does not come back, so that every round takes a new process. */
class MemoryContender implements Contender {
  readonly version: string;
  readonly #ring: Ring;
  #running: Running;
  #used = false;

  constructor(ring: Ring, running: Running) {
    this.#ring = ring;
    this.#running = running;
    this.version = running.version;
  }

  async verify(): Promise<void> {
    const { load } = this.#ring;
    await this.#open(1);
    await load.verify();
    await load.close();
  }

  async round(): Promise<Sample> {
    const { peer, settings, load, plan } = this.#ring;
    if (this.#used) {
      this.stop();
      this.#running = await startPeer(peer, 'server', settings);
    }
    this.#used = true;
    await this.#open(100);
    await load.run(0.2);
    await load.close();
    const before = await this.#running.process.ask<Usage>('collect');
    const { connections } = plan as EchoPlan;
    await this.#open(connections);
    await load.run(0);
    const after = await this.#running.process.ask<Usage>('collect');
    await load.close();
    return memorySample(before, after, connections);
  }

  stop(): void {
    this.#running.process.stop();
  }

  finish(): Promise<void> {
    return this.#running.process.finish();
  }

  async #open(connections: number): Promise<void> {
    const { load, peer, plan } = this.#ring;
    const target = { port: this.#running.port, raw: peer.raw === true };
    await load.open({ ...plan, connections } as LoadPlan, target);
  }
}

class ClientContender implements Contender {
  readonly version: string;
  readonly #ring: Ring;
  readonly #running: Running;

  constructor(ring: Ring, running: Running) {
    this.#ring = ring;
    this.#running = running;
    this.version = running.version;
  }

  async verify(): Promise<void> {
    await this.#connect();
    await this.#ring.load.verify();
    await this.#disconnect();
  }

  async round(seconds: number, first: boolean): Promise<Sample> {
    const { load } = this.#ring;
    const { process } = this.#running;
    await this.#connect();
    await process.ask('count');
    const warm = await load.run(first ? warmUp.first : warmUp.later);
    await process.ask(`until ${warm.messages}`);
    const before = await process.usage();
    const figures = await load.run(seconds);
    await process.ask(`until ${warm.messages + figures.messages}`);
    const after = await process.usage();
    await this.#disconnect();
    return cpuSample(before, after, figures);
  }

  stop(): void {
    this.#running.process.stop();
  }

  finish(): Promise<void> {
    return this.#running.process.finish();
  }

  async #connect(): Promise<void> {
    const port = await this.#ring.load.open(this.#ring.plan, { port: 0, raw: false });
    await this.#running.process.ask(`connect ${port}`);
  }

  async #disconnect(): Promise<void> {
    await this.#running.process.ask('disconnect');
    await this.#ring.load.close();
  }
}

/** Starts a peer for a workload, with more flags for its runtime. */
export async function startContender(
  workload: Workload,
  peer: Peer,
  load: LoadProcess,
  seed: number,
  flags: readonly string[] = [],
): Promise<Contender> {
  const settings = await settingsFor(workload.plan);
  const ring = { peer, plan: { ...workload.plan, seed } as LoadPlan, settings, load };
  const running = await startPeer(peer, roleOf(workload), settings, flags);
  if (workload.measures === 'memory') return new MemoryContender(ring, running);
  const role = roleOf(workload);
  return role === 'client'
    ? new ClientContender(ring, running)
    : new ServerContender(ring, running);
}
