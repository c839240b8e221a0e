// Adds WebSocket to an HTTP server that exists already; other requests stay with it.
// Run it: node dist/examples/attach-to-http.js [port]
import { createServer } from 'node:http';

import { attach, endpoint } from 'hawser';

const httpServer = createServer((request, response) => {
  response.end(`You asked for ${request.url} over plain HTTP.\n`);
});

const attached = attach(httpServer, {
  '/rooms/:room': endpoint({
    authorize: (request) => {
      const name = request.query.get('name');
      return name === null ? false : { name };
    },
    open(connection) {
      connection.send(`Hello ${connection.context.name}, this is ${connection.params.room}.`);
    },
  }),
  '/time': {
    open(connection) {
      connection.send(new Date().toISOString());
      void connection.close();
    },
  },
});

httpServer.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  const address = httpServer.address();
  if (address === null || typeof address === 'string') return;
  console.log(`listening on http://127.0.0.1:${address.port}`);
});

process.once('SIGTERM', () => {
  httpServer.close();
  void attached.close();
});
