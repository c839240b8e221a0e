import { setTimeout as wait } from 'node:timers/promises';

import type { Connection } from 'hawser';

import { Pace } from './pace.ts';
import { cleanText, type Member, type Room, type RoomEvent } from './room.ts';
import {
  type Command,
  type Notice,
  type Speech,
  jsonSpeech,
  jsonSubprotocol,
  lineSpeech,
} from './speech.ts';

/** The most characters of one thing said. */
const longestText = 1_000;

/** What a slow visitor may have waiting before events are left out, in bytes. */
const patience = 64 * 1024;

/** The part of a connection that a seat needs. */
export type SeatConnection = Pick<
  Connection,
  'id' | 'send' | 'bufferedAmount' | 'subprotocol' | 'signal'
>;

/** One connection's place in a room. */
export class Seat implements Member {
  readonly #connection: SeatConnection;
  readonly #room: Room;
  readonly #speech: Speech;
  readonly #pace = new Pace(20, 5);

  constructor(connection: SeatConnection, room: Room) {
    this.#connection = connection;
    this.#room = room;
    this.#speech = connection.subprotocol === jsonSubprotocol ? jsonSpeech : lineSpeech;
  }

  get id(): string {
    return this.#connection.id;
  }

  receive(event: RoomEvent | Notice): boolean {
    if (this.#connection.bufferedAmount >= patience) return false;
    const text = this.#speech.write(event);
    if (text !== undefined) this.#connection.send(text);
    return true;
  }

  /** Sits down and is welcomed; false when the room is full. */
  sit(roomName: string, wantedName: string): boolean {
    const name = this.#room.join(this, wantedName);
    if (name === undefined) return false;
    const you = { id: this.id, name };
    return this.receive({ type: 'welcome', room: roomName, you, people: this.#room.people });
  }

  leave(): void {
    this.#room.leave(this);
  }

  /** Follows one message; whoever is too fast waits, and later messages of theirs with them. */
  async take(message: string): Promise<void> {
    const delay = this.#pace.step(performance.now());
    if (delay > 0 && !(await this.#rest(delay))) return;
    const command = this.#speech.read(message);
    if (command === undefined) this.#complain('That is not a message of this chat');
    else this.#follow(command);
  }

  /** Tells a visitor who was too slow what the room looks like by now. */
  catchUp(): void {
    const missed = this.#room.takeMissed(this);
    if (missed > 0) this.receive({ type: 'people', people: this.#room.people, missed });
  }

  #follow(command: Command): void {
    if (command.type === 'name') return this.#room.rename(this, command.name);
    if (command.type === 'typing') return this.#room.type(this, command.typing);
    const text = cleanText(command.text);
    if (Array.from(text).length > longestText)
      this.#complain(`At most ${longestText} characters at once`);
    else if (text !== '') this.#room.say(this, text);
  }

  #complain(text: string): void {
    this.receive({ type: 'problem', text });
  }

  async #rest(delay: number): Promise<boolean> {
    const { signal } = this.#connection;
    return wait(delay, true, { signal, ref: false }).catch(() => false);
  }
}
