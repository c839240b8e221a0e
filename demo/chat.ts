import { CloseCode, endpoint } from 'hawser';
import type { CloseInfo, Connection, Handler, Message } from 'hawser';

import { type Arrival, readArrival } from './arrival.ts';
import { Rooms } from './rooms.ts';
import { Seat } from './seat.ts';
import { jsonSubprotocol } from './speech.ts';
import type { Visitors } from './visitors.ts';

interface ChatParams {
  readonly room: string;
}

type ChatConnection = Connection<Arrival, ChatParams>;

/** Gives every connection a seat in the room that its path names. */
class Chat implements Handler<Arrival, ChatParams> {
  readonly #visitors: Visitors;
  readonly #rooms = new Rooms();
  readonly #seats = new Map<string, Seat>();

  constructor(visitors: Visitors) {
    this.#visitors = visitors;
  }

  open(connection: ChatConnection): void {
    const { context, id, params } = connection;
    if (!this.#visitors.enter(context.key, connection)) {
      return void connection.close(CloseCode.PolicyViolation, 'this id is in use');
    }
    const room = this.#rooms.enter(params.room);
    const seat = room && new Seat(connection, room);
    if (seat?.sit(params.room, context.name)) this.#seats.set(id, seat);
    else void connection.close(CloseCode.TryAgainLater, 'this room is full');
  }

  message(connection: ChatConnection, message: Message): Promise<void> | undefined {
    if (typeof message === 'string') return this.#seats.get(connection.id)?.take(message);
    void connection.close(CloseCode.UnsupportedData, 'the chat takes text only');
    return undefined;
  }

  drain(connection: ChatConnection): void {
    this.#seats.get(connection.id)?.catchUp();
  }

  close(connection: ChatConnection, info: CloseInfo): void {
    this.#visitors.leave(connection.context.key, connection, info);
    this.#seats.get(connection.id)?.leave();
    this.#seats.delete(connection.id);
    this.#rooms.release(connection.params.room);
  }
}

/** The endpoint of the chat: `:room` names the room, `?name=` the visitor. */
export function chatEndpoint(visitors: Visitors) {
  return endpoint<Arrival | Response, ChatParams>({
    subprotocols: [jsonSubprotocol],
    compression: { threshold: 128 },
    maxMessageSize: 8 * 1024,
    authorize: ({ params, query }) =>
      Rooms.isName(params.room)
        ? readArrival(query)
        : new Response('a room is called by 1 to 32 letters, digits, - or _\n', { status: 404 }),
    handler: new Chat(visitors),
  });
}
