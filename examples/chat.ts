// A chat with rooms: what one says, all others in the same room hear.
// Run it: node dist/examples/chat.js [port], then open ws://127.0.0.1:8080/chat/harbour?name=Ada
import { endpoint, serve } from 'hawser';

const room = endpoint({
  authorize: (request) => ({ name: request.query.get('name') ?? 'somebody' }),
  maxMessageSize: 4_096,
  open(connection) {
    tell(connection.params.room, `${connection.context.name} is here`);
  },
  message(connection, message) {
    if (typeof message !== 'string') return;
    tell(connection.params.room, `${connection.context.name}: ${message}`, connection.id);
  },
  close(connection) {
    tell(connection.params.room, `${connection.context.name} has left`, connection.id);
  },
});

const server = await serve({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 8080),
  endpoints: { '/chat/:room': room },
});

function tell(name: string | undefined, text: string, except?: string): void {
  for (const connection of server.connections) {
    if (connection.params.room === name && connection.id !== except) connection.send(text);
  }
}

console.log(`listening on ws://127.0.0.1:${server.address.port}/chat/:room`);
process.once('SIGTERM', () => void server.close());
