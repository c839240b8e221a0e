import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';

import { attack, attacks } from './attacks.ts';
import { Fleet, type Ports } from './fleet.ts';
import type { Plan } from './options.ts';
import { onOrder, type Order, report } from './orders.ts';
import { Random } from './random.ts';
import { startSampling } from './sampler.ts';
import { noFaults } from './sequence.ts';

/** Milliseconds between two rounds of traffic. */
const tick = 10;

/** Calls `act` so often that it keeps up with a rate, whatever the timers do. */
class Pace {
  readonly #perSecond: number;
  readonly #act: () => void;
  #done = 0;

  constructor(perSecond: number, act: () => void) {
    this.#perSecond = perSecond;
    this.#act = act;
  }

  catchUp(seconds: number): void {
    for (; this.#done < seconds * this.#perSecond; this.#done += 1) this.#act();
  }
}

/** Attacks by lot; counts each kind and names those that the server let hang. */
class Attackers {
  readonly counts: Record<string, number> = {};
  readonly hanging: string[] = [];
  readonly #under = new Set<Promise<void>>();
  readonly #port: number;
  readonly #random: Random;

  constructor(port: number, random: Random) {
    this.#port = port;
    this.#random = random;
  }

  strike(): void {
    const names = Object.keys(attacks);
    const name = names[this.#random.below(names.length)] ?? '';
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    const over = attack(this.#port, name, this.#random).then((inTime) => {
      if (!inTime) this.hanging.push(name);
      this.#under.delete(over);
    });
    this.#under.add(over);
  }

  async end(): Promise<void> {
    await Promise.all(this.#under);
  }
}

/** Keeps the paces up until it is stopped. */
class Traffic {
  slowestMs = 0;
  readonly #began = performance.now();
  readonly #paces: readonly Pace[];
  readonly #timer: NodeJS.Timeout;
  #last = this.#began;

  constructor(paces: readonly Pace[]) {
    this.#paces = paces;
    this.#timer = setInterval(() => this.#round(), tick);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #round(): void {
    const now = performance.now();
    this.slowestMs = Math.max(this.slowestMs, now - this.#last);
    this.#last = now;
    for (const pace of this.#paces) pace.catchUp((now - this.#began) / 1_000);
  }
}

let stopSampling = (): void => {};
let stop = (): void => {};
const stopped = new Promise<void>((resolve) => {
  stop = resolve;
});

function startTraffic(plan: Plan, fleet: Fleet, attackers: Attackers): Traffic {
  return new Traffic([
    new Pace(plan.messagesPerSecond, () => fleet.send()),
    new Pace(plan.turnoverPerSecond, () => {
      fleet.leave();
      void fleet.join();
    }),
    new Pace(plan.attacksPerSecond, () => attackers.strike()),
  ]);
}

async function load(plan: Plan, ports: Ports): Promise<void> {
  const random = new Random(plan.seed);
  const faults = noFaults();
  const fleet = new Fleet(plan, ports, faults, random);
  const attackers = new Attackers(ports.port, random);
  await fleet.gather();
  report({ type: 'connected', opened: fleet.opened });
  const traffic = startTraffic(plan, fleet, attackers);
  await stopped;
  traffic.stop();
  stopSampling();
  await attackers.end();
  // A connection still opening joins the fleet and is closed with it.
  await wait(500);
  await fleet.disperse();
  const { sent, received, opened, refused, closed, broken, brokenReasons } = fleet;
  const totals = { sent, received, opened, refused, closed, broken, brokenReasons };
  const { counts, hanging } = attackers;
  const { slowestMs } = traffic;
  report({
    type: 'load-done',
    counts: { faults, ...totals, attacks: counts, hanging, slowestMs },
  });
  process.disconnect();
}

onOrder((order: Order) => {
  if (order.type === 'load') void load(order.plan, order);
  else if (order.type === 'measure') {
    stopSampling = startSampling(order.blockSeconds, (block) => report({ type: 'block', block }));
  } else stop();
});
