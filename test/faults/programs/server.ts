// A server for a process of its own: echoes, pushes when asked, and closes when told by SIGTERM.
import { CloseCode, type Connection, serve, type ServeOptions } from 'hawser';

import { onAsked, tell } from './talk.ts';

const { after = Infinity, ...options } = JSON.parse(process.argv[2] ?? '{}') as Partial<
  ServeOptions & { after: number }
>;
const counts = { opened: 0, closed: 0, pings: 0, handled: 0, accepted: 0, failed: 0 };
let pingsAwaited = Infinity;
const codes: Record<string, number> = {};

function accept(connection: Connection, message: string | Uint8Array): boolean {
  const before = connection.dropped.messages;
  const goOn = connection.send(message);
  const dropped = connection.state !== 'open' || connection.dropped.messages > before;
  if (!dropped) counts.accepted++;
  return goOn;
}

const server = await serve({
  host: '127.0.0.1',
  port: 0,
  ...options,
  endpoints: {
    '/echo': {
      open() {
        counts.opened++;
      },
      async message(connection, message) {
        counts.handled++;
        if (counts.handled === after) void tell('after', { ...counts });
        if (!accept(connection, message) && connection.state === 'open') await connection.drained();
      },
      ping() {
        if (++counts.pings === pingsAwaited) void tell('pinged');
      },
      close(_connection, { code }) {
        counts.closed++;
        codes[code] = (codes[code] ?? 0) + 1;
        void tell('closed', { code, open: server.connections.size });
      },
      error(_connection, error) {
        counts.failed++;
        console.error(error);
      },
    },
  },
});

onAsked({
  push: ({ count, size }) => {
    for (const connection of server.connections) {
      for (let sequence = 0; sequence < Number(count); sequence++) {
        accept(connection, `${sequence} `.padEnd(Number(size), '.'));
      }
    }
    void tell('pushed', { ...counts });
  },
  pinged: ({ count }) => void (pingsAwaited = counts.pings + Number(count)),
  time: () => tell('time', { now: Date.now() }),
  counts: () => tell('counts', { ...counts, codes, open: server.connections.size }),
});

process.once('SIGTERM', () => {
  const began = performance.now();
  void server.close({ code: CloseCode.ServiceRestart, deadline: 60_000 }).then(async () => {
    await tell('ended', { ...counts, codes, took: performance.now() - began });
    process.disconnect();
  });
});

await tell('listening', { url: `ws://127.0.0.1:${server.address.port}/echo` });
