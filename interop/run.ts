import { performance } from 'node:perf_hooks';

import type { Group } from './matrix/checks.ts';
import { within } from './matrix/mailbox.ts';
import { randomNumbers } from './matrix/payload.ts';
import type { OpenRow, Row, RowCheck } from './matrix/row.ts';

/** What became of one check of one row. */
export interface Result {
  readonly peer: string;
  readonly role: string;
  readonly deflate: string;
  readonly group: Group;
  readonly check: string;
  readonly passed: boolean;
  readonly milliseconds: number;
  /** Why it failed. */
  readonly error?: string;
  /** What the peer wrote last. */
  readonly peerLog?: string;
}

/** Checks of one row that run one after another while its peer stays up. */
export interface Unit {
  /** The peer the row belongs to; a proxy's rows have several names but one peer. */
  readonly peer: string;
  readonly row: Row;
  readonly checks: readonly RowCheck[];
}

/** The units in a slice's order: one of every peer first, then the rest; repeatable by the seed. */
export function slice(rows: readonly Unit[], seed: number): { first: Unit[]; rest: Unit[] } {
  const groups = rows.flatMap(({ peer, row, checks }) => {
    const names = [...new Set(checks.map(({ group }) => group))];
    return names.map((name) => ({
      peer,
      row,
      checks: checks.filter(({ group }) => group === name),
    }));
  });
  const shuffled = shuffle(groups, randomNumbers(seed));
  const first = [...new Set(rows.map(({ peer }) => peer))].flatMap(
    (peer) => shuffled.find((unit) => unit.peer === peer) ?? [],
  );
  return { first, rest: shuffled.filter((unit) => !first.includes(unit)) };
}

function shuffle<T>(items: readonly T[], next: () => number): T[] {
  return items
    .map((item) => ({ item, at: next() }))
    .toSorted((left, right) => left.at - right.at)
    .map(({ item }) => item);
}

/** No check and no start of a row takes longer than this on any machine, in milliseconds. */
const longest = 240_000;
/** So many failures of a row in a row say enough; the rest of it fails untried. */
const enoughFailures = 3;

/** Runs the checks of one unit; after a failure the row is opened afresh. */
export async function runUnit({ row, checks }: Unit): Promise<Result[]> {
  const results: Result[] = [];
  let open: OpenRow | undefined;
  let failuresInTurn = 0;
  for (const { group, name } of checks) {
    const start = performance.now();
    const { peer, role, deflate } = row;
    const facts = { peer, role, deflate, group, check: name };
    try {
      if (failuresInTurn >= enoughFailures) throw new Error('untried: the row has failed before');
      open ??= await within(longest, 'start of the row', row.open());
      await within(longest, 'end of the check', open.run(name));
      failuresInTurn = 0;
      results.push({ ...facts, passed: true, milliseconds: since(start) });
    } catch (error) {
      failuresInTurn++;
      const milliseconds = since(start);
      const peerLog = open?.log() ?? '';
      results.push({ ...facts, passed: false, milliseconds, error: messageOf(error), peerLog });
      await close(open);
      open = undefined;
    }
  }
  await close(open);
  return results;
}

async function close(row: OpenRow | undefined): Promise<void> {
  if (row === undefined) return;
  await within(longest, 'end of the row', row.close()).catch((error: unknown) => {
    console.error(messageOf(error));
  });
}

function since(start: number): number {
  return Math.round(performance.now() - start);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
