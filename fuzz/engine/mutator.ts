import type { Random } from './random.ts';

/** What a mutator may make use of beside the input itself. */
export interface Material {
  /** Words of the input's language, which are put in whole. */
  readonly words: readonly Uint8Array[];
  /** Other inputs, of which parts are taken. */
  readonly others: readonly Uint8Array[];
  /** The longest input to make, in bytes. */
  readonly maxLength: number;
}

type Mutation = (input: Uint8Array, random: Random, material: Material) => Uint8Array;

const nothing = new Uint8Array(0);
/** Bytes at which fields of a frame, a character or a length change their meaning. */
const edges = [0, 1, 2, 3, 8, 9, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x3b, 0x7d, 0x7e, 0x7f, 0x80, 0xff];
const moreEdges = [0x81, 0x82, 0x88, 0xc1, 0xc2, 0xed, 0xf0, 0xf4, 0xfe];
const edgeBytes = [...edges, ...moreEdges];
const MAX_SPAN = 64;
const MAX_REPEATS = 40;

/** The bytes with those from `start` to `end` replaced. */
export function spliced(
  input: Uint8Array,
  start: number,
  end: number,
  between: Uint8Array,
): Uint8Array {
  return Buffer.concat([input.subarray(0, start), between, input.subarray(end)]);
}

function withByte(input: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const changed = Uint8Array.from(input);
  if (at < changed.length) changed[at] = change(changed[at] ?? 0);
  return changed;
}

/** A part of the input, seldom longer than a frame. */
function span(input: Uint8Array, random: Random): readonly [start: number, end: number] {
  const start = random.below(input.length + 1);
  const most = random.below(8) === 0 ? input.length : MAX_SPAN;
  return [start, Math.min(input.length, start + 1 + random.below(most + 1))];
}

const flipBit: Mutation = (input, random) =>
  withByte(input, random.below(input.length + 1), (byte) => byte ^ (1 << random.below(8)));

const setEdge: Mutation = (input, random) =>
  withByte(input, random.below(input.length + 1), () => random.pick(edgeBytes, 0));

const addSmall: Mutation = (input, random) =>
  withByte(input, random.below(input.length + 1), (byte) => byte + random.below(33) - 16);

const remove: Mutation = (input, random) => {
  const [start, end] = span(input, random);
  return spliced(input, start, end, nothing);
};

const insert: Mutation = (input, random) => {
  const at = random.below(input.length + 1);
  return spliced(input, at, at, random.bytes(1 + random.below(8)));
};

const repeat: Mutation = (input, random) => {
  const [start, end] = span(input, random);
  const times = 1 + random.below(random.below(4) === 0 ? MAX_REPEATS : 3);
  const copies = Array.from({ length: times }, () => input.subarray(start, end));
  return spliced(input, end, end, Buffer.concat(copies));
};

const move: Mutation = (input, random) => {
  const [start, end] = span(input, random);
  const rest = spliced(input, start, end, nothing);
  const at = random.below(rest.length + 1);
  return spliced(rest, at, at, input.subarray(start, end));
};

const insertWord: Mutation = (input, random, { words }) => {
  const at = random.below(input.length + 1);
  return spliced(input, at, at, random.pick(words, nothing));
};

const overwriteWord: Mutation = (input, random, { words }) => {
  const at = random.below(input.length + 1);
  const word = random.pick(words, nothing);
  return spliced(input, at, Math.min(input.length, at + word.length), word);
};

const takePart: Mutation = (input, random, { others }) => {
  const other = random.pick(others, nothing);
  const [start, end] = span(other, random);
  const at = random.below(input.length + 1);
  return spliced(input, at, at, other.subarray(start, end));
};

const crossOver: Mutation = (input, random, { others }) => {
  const other = random.pick(others, nothing);
  const from = random.below(other.length + 1);
  return Buffer.concat([input.subarray(0, random.below(input.length + 1)), other.subarray(from)]);
};

const cutOff: Mutation = (input, random) => input.subarray(0, random.below(input.length + 1));

const mutations: readonly Mutation[] = [
  flipBit,
  flipBit,
  setEdge,
  setEdge,
  addSmall,
  remove,
  insert,
  repeat,
  move,
  insertWord,
  insertWord,
  overwriteWord,
  takePart,
  crossOver,
  cutOff,
];

/** An input with one to eight random changes; the same generator in the same state makes the same. */
export function mutate(input: Uint8Array, random: Random, material: Material): Uint8Array {
  const steps = 1 << random.below(4);
  let changed = input;
  for (let step = 0; step < steps; step++) {
    const mutation = random.pick(mutations, flipBit);
    changed = mutation(changed, random, material).subarray(0, material.maxLength);
  }
  return Uint8Array.from(changed);
}
