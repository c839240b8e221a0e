import type { Coverage } from './coverage.ts';
import { randomCuts } from './cuts.ts';
import type { Finding } from './findings.ts';
import { type Fault, Judge, type Limits, type Verdict } from './judge.ts';
import { minimise } from './minimise.ts';
import { mutate } from './mutator.ts';
import { Random } from './random.ts';
import { defaultMaxLength, type Target } from './target.ts';
import { shapeOf } from './trace.ts';

/** What a campaign over one target came to. */
export interface Report {
  readonly target: string;
  readonly executions: number;
  readonly corpus: number;
  readonly blocks: number;
  readonly findings: readonly Finding[];
}

/** What a campaign needs beside its target. */
export interface CampaignSettings {
  readonly seed: number;
  readonly milliseconds: number;
  readonly coverage: Coverage;
  /** A target that fails in so many different ways is left alone. Default: 5. */
  readonly maxFindings?: number;
  readonly limits?: Limits;
  /** Told of every input before it is run. */
  readonly onInput?: (input: Uint8Array) => void;
}

/** Taking the coverage costs as much as a few hundred runs, so that it is taken for many at once. */
const SMALLEST_BATCH = 32;
const LARGEST_BATCH = 512;
/** Ways of cutting that are tried for every input. */
const WAYS = 2;
const MAX_FINDINGS = 5;
/** Shapes are a hint only: so many of them may join the corpus. */
const MAX_SHAPES = 400;

/** One target's share of the time: makes inputs, judges them, keeps those that reach something new. */
export class Campaign {
  readonly #target: Target;
  readonly #settings: CampaignSettings;
  readonly #judge: Judge;
  readonly #random: Random;
  readonly #corpus: Uint8Array[];
  readonly #shapes = new Set<string>();
  readonly #findings = new Map<string, Finding>();
  #batchSize = SMALLEST_BATCH;

  constructor(target: Target, settings: CampaignSettings) {
    this.#target = target;
    this.#settings = settings;
    this.#judge = new Judge(target, settings.limits);
    this.#random = new Random(settings.seed);
    this.#corpus = [...target.seeds];
  }

  async run(): Promise<Report> {
    const { coverage, milliseconds } = this.#settings;
    const until = performance.now() + milliseconds;
    process.on('uncaughtException', this.#judge.stray);
    process.on('unhandledRejection', this.#judge.stray);
    coverage.reset();
    try {
      for (const seed of this.#target.seeds) await this.#judgeInput(seed);
      coverage.add(coverage.take());
      while (performance.now() < until && !this.#isDone) {
        await this.#batch(Array.from({ length: this.#batchSize }, () => this.#nextInput()));
      }
    } finally {
      // What the last input left behind may still throw.
      await new Promise((resolve) => void setImmediate(resolve));
      process.off('uncaughtException', this.#judge.stray);
      process.off('unhandledRejection', this.#judge.stray);
    }
    return {
      target: this.#target.name,
      executions: this.#judge.executions,
      corpus: this.#corpus.length,
      blocks: coverage.blocks,
      findings: [...this.#findings.values()],
    };
  }

  #run(input: Uint8Array, ways: readonly (readonly number[])[]): Promise<Verdict> {
    this.#settings.onInput?.(input);
    return this.#judge.judge(input, ways);
  }

  get #isDone(): boolean {
    return this.#findings.size >= (this.#settings.maxFindings ?? MAX_FINDINGS);
  }

  #nextInput(): Uint8Array {
    const { words, maxLength = defaultMaxLength } = this.#target;
    const others = this.#corpus;
    // What was found last is what the least is known of.
    const fresh = this.#random.below(3) === 0 ? others.slice(-8) : others;
    const from = this.#random.pick(fresh, new Uint8Array(0));
    return mutate(from, this.#random, { words, others, maxLength });
  }

  async #batch(inputs: readonly Uint8Array[]): Promise<void> {
    const { coverage } = this.#settings;
    for (const input of inputs) {
      await this.#judgeInput(input);
      if (this.#isDone) return;
    }
    const reached = coverage.take();
    // While little is new it is looked for less often.
    if (!coverage.isNew(reached)) this.#batchSize = Math.min(2 * this.#batchSize, LARGEST_BATCH);
    else await this.#credit(inputs);
    coverage.add(reached);
  }

  /** Keeps those of the inputs that reach something new: halves that do not are not looked into. */
  async #credit(inputs: readonly Uint8Array[]): Promise<void> {
    const { coverage } = this.#settings;
    for (const input of inputs) await this.#run(input, []);
    const reached = coverage.take();
    if (!coverage.isNew(reached)) return;
    const [input, ...others] = inputs;
    if (others.length > 0) {
      const middle = Math.ceil(inputs.length / 2);
      await this.#credit(inputs.slice(0, middle));
      await this.#credit(inputs.slice(middle));
    } else if (input !== undefined) {
      coverage.add(reached);
      this.#corpus.push(input);
    }
  }

  async #judgeInput(input: Uint8Array): Promise<void> {
    const ways = Array.from({ length: WAYS }, () => randomCuts(input.length, this.#random));
    const { trace, fault } = await this.#run(input, ways);
    if (fault !== undefined) return this.#keep(input, fault);
    const shape = shapeOf(trace);
    if (this.#shapes.size >= MAX_SHAPES || this.#shapes.has(shape)) return;
    this.#shapes.add(shape);
    if (!this.#corpus.includes(input)) this.#corpus.push(input);
  }

  /** A fault of a new kind becomes a finding, with the smallest input that shows it. */
  async #keep(input: Uint8Array, fault: Fault): Promise<void> {
    const sort = `${fault.kind} ${fault.detail.replaceAll(/[0-9a-f]{2,}|\d+/g, '#').slice(0, 80)}`;
    if (this.#findings.has(sort)) return;
    const failing = await this.#smallest(input, fault);
    const { kind, detail, cuts } = failing.fault;
    const { seed } = this.#settings;
    const hex = Buffer.from(failing.input).toString('hex');
    this.#findings.set(sort, { target: this.#target.name, kind, detail, seed, input: hex, cuts });
  }

  async #smallest(
    input: Uint8Array,
    fault: Fault,
  ): Promise<{ readonly input: Uint8Array; readonly fault: Fault }> {
    let last = { input, fault };
    await minimise(input, async (smaller) => {
      const bytewise = Array.from(smaller, (_, index) => index);
      const again = await this.#run(smaller, [fault.cuts, bytewise]);
      if (again.fault?.kind !== fault.kind) return false;
      last = { input: smaller, fault: again.fault };
      return true;
    });
    return last;
  }
}
