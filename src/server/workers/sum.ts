import type { ServerStats } from '../stats.ts';

/** Adds up the counts of the workers, of those that have ended as well; limits are each worker's. */
export function sumOfStats(
  all: readonly ServerStats[],
  limits: ServerStats['limits'],
): ServerStats {
  const none = {
    connections: 0,
    pendingHandshakes: 0,
    accepted: 0,
    refused: {},
    closed: {},
    messages: { received: 0, sent: 0 },
    bytes: { received: 0, sent: 0 },
    dropped: { messages: 0, bytes: 0 },
    limitsHit: {},
    memory: { input: { used: 0, limit: 0 }, output: { used: 0, limit: 0 } },
  };
  const sum = all.reduce<Tree>((total, one) => add(total, { ...one, limits: undefined }), none);
  return Object.freeze({ ...sum, limits }) as unknown as ServerStats;
}

/** What of a worker's counts outlives it: what it did, not what it held. */
export function pastOf(stats: ServerStats): ServerStats {
  const nothing = { used: 0, limit: 0 };
  const memory = { input: nothing, output: nothing };
  return { ...stats, connections: 0, pendingHandshakes: 0, memory };
}

interface Tree {
  readonly [name: string]: Branch;
}
type Branch = number | object | undefined;

function add(left: Tree, right: Tree): Tree {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  const entries = [...names].map((name) => [name, addBranch(left[name], right[name])]);
  return Object.freeze(Object.fromEntries(entries) as Tree);
}

function addBranch(left: Branch, right: Branch): Branch {
  if (typeof left === 'object' || typeof right === 'object') {
    return add({ ...(left as Tree | undefined) }, { ...(right as Tree | undefined) });
  }
  return (left ?? 0) + (right ?? 0);
}
