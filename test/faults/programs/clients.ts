// Many healthy clients in a process of their own.
import { connect, type ConnectOptions, type Connection } from 'hawser';

import { onAsked, tell } from './talk.ts';

const [url = '', count = '1', given = '{}'] = process.argv.slice(2);
/** How many handshakes are under way at once. */
const atOnce = 20;

class Client {
  readonly connection: Connection;
  received = 0;
  pings = 0;
  disordered = 0;
  awaiting: (() => void) | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  take(message: unknown): void {
    if (parseInt(String(message), 10) !== this.received++) this.disordered++;
    this.awaiting?.();
  }

  /** Resolves when a condition holds after a message or a Ping, or the connection is over. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => void (holds() && resolve());
      this.awaiting = check;
      check();
      void this.connection.closed.then(() => resolve());
    });
  }
}

const clients: Client[] = [];
const options = JSON.parse(given) as ConnectOptions;

async function open(): Promise<void> {
  let client: Client | undefined;
  const handler: ConnectOptions['handler'] = {
    open(connection) {
      client = new Client(connection);
      clients.push(client);
    },
    message(_connection, message) {
      client?.take(message);
    },
    ping() {
      if (client === undefined) return;
      client.pings++;
      client.awaiting?.();
    },
  };
  await connect(url, { ...options, handler });
}

async function openAll(): Promise<void> {
  let left = Number(count);
  const opener = async (): Promise<void> => {
    while (left-- > 0) await open();
  };
  await Promise.all(Array.from({ length: atOnce }, opener));
  await tell('open', { count: clients.length });
}

function total(of: (client: Client) => number): number {
  return clients.reduce((sum, client) => sum + of(client), 0);
}

function report(): object {
  return {
    open: total(({ connection }) => (connection.state === 'open' ? 1 : 0)),
    received: total((client) => client.received),
    disordered: total((client) => client.disordered),
  };
}

onAsked({
  /** Every client sends so many numbered messages at once. */
  async send({ count, size }) {
    let sent = 0;
    for (const { connection } of clients) {
      for (let sequence = 0; sequence < Number(count); sequence++) {
        connection.send(`${sequence} `.padEnd(Number(size), '.'));
        if (connection.dropped.messages === 0) sent++;
      }
    }
    await tell('sent', { sent });
  },
  /** Every client has so many messages. */
  async received({ count }) {
    await Promise.all(
      clients.map((client) => client.until(() => client.received >= Number(count))),
    );
    await tell('received', report());
  },
  /** Every client is pinged so many times more. */
  async pinged({ count }) {
    await Promise.all(
      clients.map((client) => {
        const enough = client.pings + Number(count);
        return client.until(() => client.pings >= enough);
      }),
    );
    await tell('pinged', report());
  },
  /** The event loop of this process stands still. */
  async stall({ time }) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(time));
    await tell('stall', report());
  },
  report: () => tell('report', report()),
  /** Every connection has ended. */
  async closed() {
    const codes: Record<string, number> = {};
    for (const { connection } of clients) {
      const { code } = await connection.closed;
      codes[code] = (codes[code] ?? 0) + 1;
    }
    await tell('closed', { ...report(), codes });
  },
});

process.on('disconnect', () => process.exit());
await openAll();
