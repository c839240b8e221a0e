// A chat with rooms: what one says, all others in the same room hear.
// Run it: node dist/examples/chat.js [port], then open ws://127.0.0.1:8080/chat/harbour?name=Ada
import { type Connection, serve } from 'hawser';

const server = await serve({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 8080),
  endpoints: {
    '/chat/:room': {
      maxMessageSize: 4_096,
      open(connection) {
        tell(connection.params.room, `${nameOf(connection)} is here`);
      },
      message(connection, message) {
        if (typeof message !== 'string') return;
        tell(connection.params.room, `${nameOf(connection)}: ${message}`, connection.id);
      },
      close(connection) {
        tell(connection.params.room, `${nameOf(connection)} has left`, connection.id);
      },
    },
  },
});

function nameOf({ request }: Pick<Connection, 'request'>): string {
  return request.query.get('name') ?? 'somebody';
}

function tell(room: string, text: string, except?: string): void {
  for (const connection of server.connections) {
    const inRoom = connection.params['room'] === room;
    if (inRoom && connection.id !== except) connection.send(text);
  }
}

console.log(`listening on ws://127.0.0.1:${server.address.port}/chat/:room`);
process.once('SIGTERM', () => void server.close());
