import { cores } from '../setup/pinning.ts';
import { roleOf, unfit, type Workload } from '../workloads.ts';
import { type Contender, startContender } from './contender.ts';
import { LoadProcess } from './load-process.ts';
import { absence, type Peer } from './peers.ts';
import type { Sample } from './sample.ts';

/** A peer that has no figures for a workload, and why. */
export interface Absent {
  readonly peer: string;
  readonly reason: string;
}

/** What the rounds of one peer came to; a round that failed is missing. */
export interface Course {
  readonly peer: string;
  readonly version: string;
  readonly samples: readonly Sample[];
}

/** What the rounds of one workload came to. */
export interface ContestResult {
  readonly courses: readonly Course[];
  readonly absent: readonly Absent[];
}

/** How a workload is measured. */
export interface ContestOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly seed: number;
}

interface Entry {
  readonly peer: Peer;
  readonly contender: Contender;
  readonly samples: Sample[];
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** One workload: peers verified once, then measured in turn, round by round. */
export class Contest {
  readonly #workload: Workload;
  readonly #options: ContestOptions;
  readonly #absent: Absent[] = [];
  #entries: Entry[] = [];
  readonly #load = new LoadProcess(cores.load);

  constructor(workload: Workload, options: ContestOptions) {
    this.#workload = workload;
    this.#options = options;
  }

  /** Measures those of the peers that have a part in the workload. */
  async run(peers: readonly Peer[], onRound: (round: number) => void): Promise<ContestResult> {
    try {
      for (const peer of peers) await this.#enter(peer);
      for (let round = 1; round <= this.#options.rounds; round += 1) {
        onRound(round);
        for (const entry of this.#entries) await this.#measure(entry);
      }
    } finally {
      for (const { contender } of this.#entries) contender.stop();
      this.#load.stop();
    }
    const courses = this.#entries.map(({ peer, contender, samples }) => ({
      peer: peer.name,
      version: contender.version,
      samples,
    }));
    return { courses, absent: this.#absent };
  }

  async #enter(peer: Peer): Promise<void> {
    const reason = this.#whyAbsent(peer);
    if (reason !== undefined) {
      if (reason !== '') this.#absent.push({ peer: peer.name, reason });
      return;
    }
    let contender: Contender | undefined;
    try {
      contender = await startContender(this.#workload, peer, this.#load, this.#options.seed);
      await contender.verify();
      this.#entries.push({ peer, contender, samples: [] });
    } catch (error) {
      contender?.stop();
      this.#drop(peer, `not verified: ${reasonOf(error)}`);
    }
  }

  #whyAbsent(peer: Peer): string | undefined {
    const program = peer[roleOf(this.#workload)];
    return unfit(this.#workload, peer) ?? (program && absence(program));
  }

  async #measure(entry: Entry): Promise<void> {
    try {
      entry.samples.push(
        await entry.contender.round(this.#options.seconds, entry.samples.length === 0),
      );
    } catch (error) {
      entry.contender.stop();
      this.#entries = this.#entries.filter((other) => other !== entry);
      this.#drop(entry.peer, reasonOf(error));
    }
  }

  /** Leaves a peer out; the load generator starts afresh, since connections of its may be open. */
  #drop({ name }: Peer, reason: string): void {
    this.#absent.push({ peer: name, reason });
    this.#load.restart();
  }
}
