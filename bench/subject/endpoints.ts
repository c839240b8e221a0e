import type { Connection, Handler, Message } from 'hawser';
import * as hawser from 'hawser';

type Broadcast = (connections: Iterable<Connection>, message: Message) => unknown;

/** `broadcast`, where the library has it; else one send after the other. */
const { broadcast = sendToEach } = hawser as { readonly broadcast?: Broadcast };

function sendToEach(connections: Iterable<Connection>, message: Message): void {
  for (const connection of connections) connection.send(message);
}

const subscribers = new Set<Connection>();

const echo: Handler = {
  message(connection, message) {
    connection.send(message);
  },
};

const publish: Handler = {
  message(_connection, message) {
    broadcast(subscribers, message);
  },
};

const subscribe: Handler = {
  open(connection) {
    subscribers.add(connection);
  },
  close(connection) {
    subscribers.delete(connection);
  },
};

/** What every measured server offers. */
export const endpoints = { '/echo': echo, '/publish': publish, '/subscribe': subscribe };
