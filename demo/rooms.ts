import { Room } from './room.ts';

/** Limits of all rooms together. */
export interface RoomLimits {
  readonly rooms: number;
  /** People in one room. */
  readonly people: number;
}

const nameShape = /^[\p{L}\p{N}_-]{1,32}$/u;

/** The rooms somebody is in; an empty one is forgotten. */
export class Rooms {
  readonly #limits: RoomLimits;
  readonly #rooms = new Map<string, Room>();

  constructor(limits: RoomLimits = { rooms: 100, people: 50 }) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** Whether a room may be called that: 1 to 32 letters, digits, `-` and `_`. */
  static isName(name: string): boolean {
    return nameShape.test(name);
  }

  /** The room of that name, made when there is none; undefined when there are too many. */
  enter(name: string): Room | undefined {
    const known = this.#rooms.get(name);
    if (known !== undefined || this.#rooms.size >= this.#limits.rooms) return known;
    const room = new Room(this.#limits.people);
    this.#rooms.set(name, room);
    return room;
  }

  /** Forgets the room of that name if nobody is in it. */
  release(name: string): void {
    if (this.#rooms.get(name)?.size === 0) this.#rooms.delete(name);
  }
}
