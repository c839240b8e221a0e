import { ratios, rounded, type Spread, spreadOf } from '../measure/statistics.ts';
import { type Origin, origin, writeResults } from '../report/results.ts';
import { columns } from '../report/table.ts';
import { loadAverage } from '../setup/machine.ts';
import { framePieces } from './frame-pieces.ts';
import { messagePieces } from './message-pieces.ts';
import type { Piece } from './piece.ts';

/** What one piece reached. */
export interface PieceFigures {
  readonly id: string;
  readonly title: string;
  /** CPU time of each operation in nanoseconds. */
  readonly cost: Spread;
  /** How many times as cheap as the plainest way, in the same round. */
  readonly ratio: Spread;
  readonly load: number;
}

/** A file of bench/results. */
export interface MicroResults extends Origin {
  readonly kind: 'micro';
  readonly rounds: number;
  readonly pieces: readonly PieceFigures[];
}

/** How long one side of a round takes, in microseconds of CPU time. */
const sideTime = 60_000;

const cpuTime = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** CPU time of one call in microseconds, over `calls` calls. */
async function timeOf(call: () => unknown, calls: number): Promise<number> {
  const before = cpuTime();
  for (let index = 0; index < calls; index += 1) {
    const result = call();
    if (result instanceof Promise) await result;
  }
  return (cpuTime() - before) / calls;
}

/** Finds how many calls fill one side of a round; warms up meanwhile. */
async function callsFor(call: () => unknown): Promise<number> {
  for (let calls = 1; ; calls *= 2) {
    const each = await timeOf(call, calls);
    if (each * calls >= sideTime / 2) return Math.ceil(sideTime / each);
  }
}

/** Measures a piece, its way and the plainest one in turn. */
export async function measurePiece(piece: Piece, rounds: number): Promise<PieceFigures> {
  const { id, title, operations, own, plain } = piece;
  const calls = [await callsFor(own), await callsFor(plain)] as const;
  const owns: number[] = [];
  const plains: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    owns.push((await timeOf(own, calls[0])) / operations);
    plains.push((await timeOf(plain, calls[1])) / operations);
  }
  const cost = spreadOf(owns.map((microseconds) => microseconds * 1_000));
  return { id, title, cost, ratio: spreadOf(ratios(plains, owns)), load: loadAverage() };
}

const lineOf = ({ title, cost, ratio, load }: PieceFigures): string[] => [
  title,
  `${rounded(cost.median)} (${rounded(cost.min)}–${rounded(cost.max)})`,
  `${rounded(ratio.median)} (${rounded(ratio.min)}–${rounded(ratio.max)})`,
  String(load),
];

/** The head of the table of pieces. */
const head = ['piece', 'CPU ns/operation', 'ratio to the plainest way', 'load'];

/** The table of pieces, row by row. */
export function pieceRows(pieces: readonly PieceFigures[]): string[][] {
  return [head, ...pieces.map(lineOf)];
}

/** Every piece that is measured. */
export function allPieces(): readonly Piece[] {
  return [...framePieces, ...messagePieces()];
}

/** Measures all pieces. */
export async function runMicro(
  { rounds, json }: { readonly rounds: number; readonly json: string | undefined },
  args: readonly string[],
): Promise<boolean> {
  const pieces: PieceFigures[] = [];
  for (const piece of allPieces()) {
    pieces.push(await measurePiece(piece, rounds));
  }
  console.log(columns(pieceRows(pieces)));
  const results: MicroResults = { kind: 'micro', ...origin(args), rounds, pieces };
  if (json !== undefined) writeResults(json, results);
  return true;
}
