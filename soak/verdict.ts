import type { Plan } from './options.ts';
import type { LoadCounts, ServerCounts } from './orders.ts';
import { type Block, quantities } from './sampler.ts';
import { trendOf } from './statistics.ts';

/** One thing that must hold, and what came out. */
export interface Check {
  readonly name: string;
  readonly good: boolean;
  readonly found: string;
}

const mib = 1_048_576;

/** What a quantity may grow by over the whole run: bytes, or a count. */
const mostGrowth = { heap: mib, external: mib, timers: 5, sockets: 5 } as const;

const isBytes = (quantity: (typeof quantities)[number]): boolean =>
  quantity === 'heap' || quantity === 'external';

/** Judges whether a quantity stays flat over the blocks, extrapolated to the whole run. */
export function judgeTrend(
  process: string,
  quantity: (typeof quantities)[number],
  blocks: readonly Block[],
  seconds: number,
): Check {
  const show = (value: number): string =>
    isBytes(quantity) ? `${(value / mib).toFixed(2)} MiB` : value.toFixed(1);
  const { slope, lowerBound } = trendOf(
    blocks.map((block) => ({ x: block.at, y: block[quantity] })),
  );
  const first = blocks[0]?.[quantity] ?? NaN;
  const last = blocks.at(-1)?.[quantity] ?? NaN;
  return {
    name: `${process}: ${quantity} flat`,
    good: blocks.length >= 3 && lowerBound * seconds <= mostGrowth[quantity],
    found:
      `${show(first)} → ${show(last)}; trend over the run ${show(slope * seconds)}, ` +
      `99 % sure above ${show(lowerBound * seconds)}, limit ${show(mostGrowth[quantity])}`,
  };
}

const zero = (name: string, count: number, why: readonly string[] = []): Check => ({
  name,
  good: count === 0,
  found: [String(count), ...new Set(why)].join(' · '),
});

function judgeMessages(load: LoadCounts, server: ServerCounts): Check[] {
  const kinds = ['lost', 'duplicated', 'reordered', 'corrupt'] as const;
  return kinds.flatMap((kind) => [
    zero(`messages ${kind} on the way to the server`, server.faults[kind]),
    zero(`messages ${kind} on the way back`, load.faults[kind]),
  ]);
}

function judgeLoad(plan: Plan, load: LoadCounts, seconds: number): Check[] {
  const perSecond = load.sent / seconds;
  const struck = Object.values(load.attacks).reduce((sum, count) => sum + count, 0);
  const wanted = [
    [load.sent, plan.messagesPerSecond],
    [load.opened - plan.connections, plan.turnoverPerSecond],
    [struck, plan.attacksPerSecond],
  ] as const;
  return [
    {
      name: 'the load was what it should be',
      good: wanted.every(([count, rate]) => count >= 0.95 * rate * seconds),
      found:
        `${load.sent} messages (${perSecond.toFixed(0)}/s), ${load.received} came back, ` +
        `${load.opened} connections opened, ` +
        `${load.closed} closed cleanly, ${struck} attacks, ` +
        `longest pause of the generator ${load.slowestMs.toFixed(0)} ms`,
    },
    zero('connections refused', load.refused, load.brokenReasons),
    zero('connections broken', load.broken, load.brokenReasons),
    zero('attackers not got rid of', load.hanging.length, load.hanging),
  ];
}

function judgeEnd(server: ServerCounts): Check[] {
  const { before, after } = server;
  const counts = (name: 'timers' | 'sockets'): Check => ({
    name: `server: ${name} afterwards as before`,
    good: after[name] <= before[name],
    found: `${before[name]} before, ${after[name]} after`,
  });
  return [
    counts('sockets'),
    counts('timers'),
    zero('server: connections left', server.connectionsLeft),
    zero('server: errors of handlers', server.handlerErrors.length, server.handlerErrors),
    zero('server: warnings of the process', server.warnings.length, server.warnings),
  ];
}

/** What a run brought together. */
export interface Outcome {
  readonly load: LoadCounts;
  readonly server: ServerCounts;
  readonly blocks: Readonly<Record<'server' | 'load', readonly Block[]>>;
  /** How long there was traffic. */
  readonly seconds: number;
}

/** Judges a whole run. */
export function judge(plan: Plan, { load, server, blocks, seconds }: Outcome): Check[] {
  const trends = (['server', 'load'] as const).flatMap((name) =>
    quantities.map((quantity) =>
      judgeTrend(name, quantity, blocks[name], plan.warmUp + plan.measured),
    ),
  );
  return [
    ...judgeLoad(plan, load, seconds),
    ...judgeMessages(load, server),
    ...trends,
    ...judgeEnd(server),
  ];
}
