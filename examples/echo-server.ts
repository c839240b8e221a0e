// Sends every message back. Run it: node dist/examples/echo-server.js [port]
import { serve } from 'hawser';

const server = await serve({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 8080),
  endpoints: {
    '/echo': {
      async message(connection, message) {
        // false means "enough for now": the next message waits until the buffer has drained.
        if (!connection.send(message)) await connection.drained();
      },
      close(connection, info) {
        console.log(`${connection.id} closed with ${info.code} ${info.reason}`);
      },
    },
  },
});
console.log(`listening on ws://127.0.0.1:${server.address.port}/echo`);

process.once('SIGTERM', () => void server.close());
