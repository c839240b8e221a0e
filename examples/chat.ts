// A chat with rooms: what one says, all others in the same room hear.
// Run it: node dist/examples/chat.js [port], then open ws://127.0.0.1:8080/chat/harbour?name=Ada
import { endpoint, serve, type UpgradeRequest } from 'hawser';

const chat = endpoint({
  maxMessageSize: 4_096,
  authorize: ({ params, query }: UpgradeRequest<{ room: string }>) => {
    return { room: params.room, name: query.get('name') ?? 'somebody' };
  },
  open({ context }) {
    tell(context.room, `${context.name} is here`);
  },
  message({ context, id }, message) {
    if (typeof message === 'string') tell(context.room, `${context.name}: ${message}`, id);
  },
  close({ context, id }) {
    tell(context.room, `${context.name} has left`, id);
  },
});

const server = await serve({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 8080),
  endpoints: { '/chat/:room': chat },
});

function tell(room: string, text: string, except?: string): void {
  for (const connection of server.connections) {
    const inRoom = connection.params['room'] === room;
    if (inRoom && connection.id !== except) connection.send(text);
  }
}

console.log(`listening on ws://127.0.0.1:${server.address.port}/chat/:room`);
process.once('SIGTERM', () => void server.close());
