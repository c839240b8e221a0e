import { serve } from '../../../src/server/serve.ts';

/** A program with a server in two workers, run by the tests; it does what it is told on its input. */
const port = Number(process.argv[2] ?? 0);
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

const opening = serve({
  port,
  host: '127.0.0.1',
  workers: 2,
  endpoints: {
    '/': { message: (connection) => void connection.send(String(process.pid)) },
  },
});

/** Opened behind the first one, as `await` does it. */
const openSecond = () =>
  serve({ port: 0, host: '127.0.0.1', workers: 2, endpoints: { '/second': {} } });

if (process.send === undefined) {
  try {
    const server = await opening;
    const second = process.argv[3] === 'two' ? await openSecond() : undefined;
    const { port } = server.address;
    say({ listening: port, connections: server.connections.size, second: second?.address.port });
    process.stdin.on('data', (chunk) => {
      const [word] = String(chunk).trim().split('\n');
      if (word === 'stats') say({ stats: server.stats() });
      else {
        const servers = second === undefined ? [server] : [server, second];
        const closed = servers.map((one) => one.close({ deadline: 2_000 }));
        void Promise.all(closed).then(() => say({ closed: true }));
      }
    });
    process.once('beforeExit', () => say({ over: true }));
    await new Promise<void>((resolve) => process.stdin.once('end', resolve));
  } catch (error) {
    say({ failed: (error as NodeJS.ErrnoException).code });
  }
} else {
  await opening.catch(() => {});
  if (process.argv[3] === 'two') await openSecond();
}
