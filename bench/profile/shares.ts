/** A CPU profile as V8 writes it, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  /** Microseconds between the samples. */
  readonly timeDeltas: readonly number[];
}

/** The part that something has in the time a program was busy, from 0 to 1. */
export interface Share {
  readonly name: string;
  readonly part: number;
}

/** Who the time of a profile belongs to. */
export interface Shares {
  /** hawser's JavaScript, Node's own, other JavaScript, garbage collection, native code. */
  readonly groups: readonly Share[];
  /** The functions that took most, by themselves. */
  readonly functions: readonly Share[];
}

type Frame = CpuProfile['nodes'][number]['callFrame'];

function groupOf({ functionName, url }: Frame): string {
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(program)' || (url === '' && functionName !== '')) return 'native code';
  if (url.startsWith('node:')) return "Node's JavaScript";
  return url.includes('/dist/src/') ? "hawser's JavaScript" : 'other JavaScript';
}

function nameOf({ functionName, url, lineNumber }: Frame): string {
  const file = url.replace(/^.*\/(?=[^/]+\/[^/]+$)/, '');
  const place = url === '' ? '' : ` ${file}:${lineNumber + 1}`;
  return `${functionName === '' ? '(anonymous)' : functionName}${place}`;
}

function ranked(times: ReadonlyMap<string, number>): readonly Share[] {
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .map(([name, time]) => ({ name, part: time / total }))
    .toSorted((a, b) => b.part - a.part);
}

/** Sums a profile up; the time in which the program waited does not count. */
export function sharesOf({ nodes, samples, timeDeltas }: CpuProfile): Shares {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const groups = new Map<string, number>();
  const functions = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === '(idle)') continue;
    const time = Math.max(0, timeDeltas[index] ?? 0);
    const [group, name] = [groupOf(frame), nameOf(frame)];
    groups.set(group, (groups.get(group) ?? 0) + time);
    functions.set(name, (functions.get(name) ?? 0) + time);
  }
  return { groups: ranked(groups), functions: ranked(functions) };
}
