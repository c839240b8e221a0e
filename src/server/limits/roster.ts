/** What a class that extends this declares becomes fields of an object of any class. */
// oxlint-disable-next-line typescript/no-extraneous-class -- its constructor is what is needed of it
class Itself {
  constructor(object: object) {
    return object;
  }
}

/** The neighbours of an object, as private fields of its own; itself while it has none. */
class Listed extends Itself {
  #before: Listed = this;
  #after: Listed = this;

  static of(object: object): Listed {
    return #after in object ? object : new Listed(object);
  }

  static after(listed: Listed): Listed {
    return listed.#after;
  }

  /** Whether it had no neighbours. */
  static insertBefore(end: Listed, listed: Listed): boolean {
    if (listed.#after !== listed) return false;
    listed.#before = end.#before;
    listed.#after = end;
    end.#before.#after = listed;
    end.#before = listed;
    return true;
  }

  /** Whether it had neighbours. */
  static remove(object: object): boolean {
    if (!(#after in object) || object.#after === object) return false;
    object.#before.#after = object.#after;
    object.#after.#before = object.#before;
    object.#before = object.#after = object;
    return true;
  }
}

/**
 * Those that are there, in the order in which they came; nobody is on two rosters. The tables of a
 * Set that comes and goes keep what was in them alive until the whole heap is collected: a third of
 * all that short connections allocate.
 */
export class Roster<Member extends object> {
  readonly #end: Listed = Listed.of({});
  #size = 0;
  #set: Set<Member> | undefined;

  get size(): number {
    return this.#size;
  }

  add(member: Member): void {
    if (!Listed.insertBefore(this.#end, Listed.of(member))) return;
    this.#size++;
    this.#set?.add(member);
  }

  /** Whether it was there. */
  delete(member: Member): boolean {
    if (!Listed.remove(member)) return false;
    this.#size--;
    this.#set?.delete(member);
    return true;
  }

  /** The first in their order for whom a test says yes, which adds and deletes nobody. */
  find(test: (member: Member) => boolean): Member | undefined {
    for (let one = Listed.after(this.#end); one !== this.#end; one = Listed.after(one)) {
      const member = one as object as Member;
      if (test(member)) return member;
    }
    return undefined;
  }

  /** All that are there now, in their order. */
  all(): Member[] {
    const all: Member[] = [];
    this.find((member) => all.push(member) === 0);
    return all;
  }

  /** The same as a set that changes with them; kept from when it is asked for first. */
  get asSet(): ReadonlySet<Member> {
    return (this.#set ??= new Set(this.all()));
  }
}
