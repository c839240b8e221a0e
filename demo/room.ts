/** One person as the others see them. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly typing: boolean;
}

/** What happens in a room, in the form that the page gets as JSON. */
export type RoomEvent =
  | { readonly type: 'joined'; readonly id: string; readonly name: string }
  | { readonly type: 'left'; readonly id: string; readonly name: string }
  | { readonly type: 'renamed'; readonly id: string; readonly name: string; readonly was: string }
  | { readonly type: 'typing'; readonly id: string; readonly typing: boolean }
  | {
      readonly type: 'said';
      readonly id: string;
      readonly name: string;
      readonly text: string;
      /** When the server passed it on, milliseconds since 1970. */
      readonly at: number;
    };

/** One who is in a room: gets its events, as far as the way to them is free. */
export interface Member {
  readonly id: string;
  /** Takes an event; false when the way is full and the event was left out. */
  receive(event: RoomEvent): boolean;
}

interface Place {
  readonly member: Member;
  name: string;
  typing: boolean;
  missed: number;
}

/** The most characters of a name. */
export const longestName = 24;

/** People who talk to each other. Nothing a member sends can grow it: only joining does. */
export class Room {
  readonly #places = new Map<string, Place>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#places.size;
  }

  /** Everybody who is here, in the order they came. */
  get people(): Person[] {
    return [...this.#places.values()].map(({ member, name, typing }) => ({
      id: member.id,
      name,
      typing,
    }));
  }

  /** Takes a member in and gives the name they have here, or undefined when the room is full. */
  join(member: Member, wanted: string): string | undefined {
    if (this.#places.size >= this.#capacity) return undefined;
    const name = this.#freeName(wanted);
    this.#places.set(member.id, { member, name, typing: false, missed: 0 });
    this.#tell({ type: 'joined', id: member.id, name }, member);
    return name;
  }

  leave(member: Member): void {
    const place = this.#places.get(member.id);
    if (place === undefined) return;
    this.#places.delete(member.id);
    this.#tell({ type: 'left', id: member.id, name: place.name });
  }

  rename(member: Member, wanted: string): void {
    const place = this.#places.get(member.id);
    if (place === undefined) return;
    const was = place.name;
    place.name = '';
    place.name = this.#freeName(wanted);
    if (place.name === was) return;
    this.#tell({ type: 'renamed', id: member.id, name: place.name, was });
  }

  type(member: Member, typing: boolean): void {
    const place = this.#places.get(member.id);
    if (place === undefined || place.typing === typing) return;
    place.typing = typing;
    this.#tell({ type: 'typing', id: member.id, typing }, member);
  }

  say(member: Member, text: string): void {
    const place = this.#places.get(member.id);
    if (place === undefined) return;
    place.typing = false;
    this.#tell({ type: 'said', id: member.id, name: place.name, text, at: Date.now() });
  }

  /** How many events a member has missed since this was last asked. */
  takeMissed(member: Member): number {
    const place = this.#places.get(member.id);
    const missed = place?.missed ?? 0;
    if (place !== undefined) place.missed = 0;
    return missed;
  }

  #tell(event: RoomEvent, except?: Member): void {
    for (const place of this.#places.values()) {
      if (place.member !== except && !place.member.receive(event)) place.missed += 1;
    }
  }

  #freeName(wanted: string): string {
    const base = cleanName(wanted);
    const taken = new Set([...this.#places.values()].map(({ name }) => name.toLowerCase()));
    let name = base;
    for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${base} ${n}`;
    return name;
  }
}

/** A name as it may be shown: one line, without invisible characters, at most 24 characters. */
export function cleanName(wanted: string): string {
  const visible = wanted.normalize('NFC').replace(/[\p{C}\p{Z}:*]+/gu, ' ');
  return Array.from(visible.trim()).slice(0, longestName).join('').trim() || 'Guest';
}

/** What was said as it may be shown: without control characters and blank ends. */
export function cleanText(said: string): string {
  return said.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
