/** What a pattern calls the segments it leaves open: `:name` by its name, a final `*` by '*'. */
type ParamNames = readonly string[];

interface Leaf<Target> {
  readonly pattern: string;
  readonly names: ParamNames;
  readonly target: Target;
}

/** One segment of the patterns: literals, then a name, then the rest, in the order they are tried. */
class Node<Target> {
  readonly literals = new Map<string, Node<Target>>();
  named: Node<Target> | undefined;
  end: Leaf<Target> | undefined;
  rest: Leaf<Target> | undefined;

  isEmpty(): boolean {
    return !this.literals.size && !this.named && !this.end && !this.rest;
  }
}

/** Where a path leads to, with the decoded values of what the pattern leaves open. */
export interface Match<Target> {
  readonly target: Target;
  readonly params: Readonly<Record<string, string>>;
}

const noParams: Readonly<Record<string, string>> = Object.freeze({});

/** Paths and what they lead to: literal segments before `:name` before a final `*`. */
export class Router<Target> {
  readonly #root = new Node<Target>();

  /** Adds a pattern; one that matches the same paths as an earlier one is a TypeError. */
  add(pattern: string, target: Target): void {
    const segments = patternSegments(pattern);
    const names = segments.filter(isOpen).map((segment) => segment.slice(1) || '*');
    if (new Set(names).size !== names.length) throw badPattern(pattern, 'name a segment only once');
    let node = this.#root;
    for (const segment of segments) {
      if (segment !== '*') node = childOf(node, segment);
    }
    const slot = segments.at(-1) === '*' ? 'rest' : 'end';
    const taken = node[slot];
    if (taken !== undefined)
      throw badPattern(pattern, `differ from ${JSON.stringify(taken.pattern)}`);
    node[slot] = { pattern, names, target };
  }

  /** Adds patterns, all of them or, when one of them is wrong, none. */
  addAll(targets: ReadonlyMap<string, Target>): void {
    const added: string[] = [];
    try {
      for (const [pattern, target] of targets) {
        this.add(pattern, target);
        added.push(pattern);
      }
    } catch (error) {
      for (const pattern of added) this.remove(pattern);
      throw error;
    }
  }

  /** Takes a pattern out again. */
  remove(pattern: string): void {
    removeFrom(this.#root, patternSegments(pattern));
  }

  /** Finds a path as it stands in the request; 'malformed' when a value cannot be decoded. */
  find(path: string): Match<Target> | 'malformed' | undefined {
    if (!path.startsWith('/')) return undefined;
    const segments = path.slice(1).split('/');
    const values: string[] = [];
    const leaf = findLeaf(this.#root, segments, 0, values);
    if (leaf === undefined) return undefined;
    if (leaf.names.length === 0) return { target: leaf.target, params: noParams };
    const decoded = values.map(decode);
    if (!decoded.every((value) => value !== undefined)) return 'malformed';
    const params = Object.fromEntries(
      leaf.names.map((name, index) => [name, decoded[index] ?? '']),
    );
    return { target: leaf.target, params: Object.freeze(params) };
  }
}

function isOpen(segment: string): boolean {
  return segment === '*' || segment.startsWith(':');
}

function patternSegments(pattern: string): string[] {
  if (pattern === '*') return ['*'];
  if (!pattern.startsWith('/')) throw badPattern(pattern, "begin with '/' or be '*'");
  const segments = pattern.slice(1).split('/');
  segments.forEach((segment, index) => {
    if (/[?#]/.test(segment)) throw badPattern(pattern, 'have no query or fragment');
    if (segment.startsWith(':') && !/^:[A-Za-z_]\w*$/.test(segment)) {
      throw badPattern(pattern, 'have a name of letters, digits and _ after a colon');
    }
    if (segment === '*' && index < segments.length - 1)
      throw badPattern(pattern, 'end after the *');
    if (decode(segment) === undefined) throw badPattern(pattern, 'have only valid escapes');
  });
  return segments.map((segment) => (isOpen(segment) ? segment : (decode(segment) ?? segment)));
}

function badPattern(pattern: string, must: string): TypeError {
  return new TypeError(`the endpoint path ${JSON.stringify(pattern)} must ${must}`);
}

function childOf<Target>(node: Node<Target>, segment: string): Node<Target> {
  if (isOpen(segment)) return (node.named ??= new Node());
  const known = node.literals.get(segment);
  if (known !== undefined) return known;
  const added = new Node<Target>();
  node.literals.set(segment, added);
  return added;
}

function removeFrom<Target>(node: Node<Target>, [segment, ...others]: readonly string[]): void {
  if (segment === undefined) node.end = undefined;
  else if (segment === '*') node.rest = undefined;
  else if (isOpen(segment)) {
    if (node.named !== undefined) removeFrom(node.named, others);
    if (node.named?.isEmpty() === true) node.named = undefined;
  } else {
    const child = node.literals.get(segment);
    if (child !== undefined) removeFrom(child, others);
    if (child?.isEmpty() === true) node.literals.delete(segment);
  }
}

// Nodes form a tree, so that no request visits more of them than the patterns have segments.
function findLeaf<Target>(
  node: Node<Target>,
  segments: readonly string[],
  index: number,
  values: string[],
): Leaf<Target> | undefined {
  const segment = segments[index];
  if (segment === undefined) return node.end;
  const literal = node.literals.get(decode(segment) ?? segment);
  const found = literal && findLeaf(literal, segments, index + 1, values);
  if (found !== undefined) return found;
  if (node.named !== undefined && segment !== '') {
    values.push(segment);
    const named = findLeaf(node.named, segments, index + 1, values);
    if (named !== undefined) return named;
    values.pop();
  }
  if (node.rest !== undefined) values.push(segments.slice(index).join('/'));
  return node.rest;
}

// One pass: what an escape decodes to is never decoded again.
function decode(segment: string): string | undefined {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
