// A chat with rooms: what one says, all others in the same room hear.
// Run it: node dist/examples/chat.js [port], then open ws://127.0.0.1:8080/chat/harbour?name=Ada
import { broadcast, type Connection, endpoint, serve, type UpgradeRequest } from 'hawser';

const chat = endpoint({
  maxMessageSize: 4_096,
  authorize: ({ params, query }: UpgradeRequest<{ room: string }>) => {
    return { room: params.room, name: query.get('name') ?? 'somebody' };
  },
  open({ context }) {
    tell(context.room, `${context.name} is here`);
  },
  message(connection, message) {
    const { room, name } = connection.context;
    if (typeof message === 'string') tell(room, `${name}: ${message}`, connection);
  },
  close({ context }) {
    tell(context.room, `${context.name} has left`);
  },
});

const server = await serve({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 8080),
  endpoints: { '/chat/:room': chat },
});

function tell(room: string, text: string, except?: Connection): void {
  const inRoom = [...server.connections].filter(({ params }) => params['room'] === room);
  broadcast(inRoom, text, { except });
}

console.log(`listening on ws://127.0.0.1:${server.address.port}/chat/:room`);
process.once('SIGTERM', () => void server.close());
