import { setTimeout as wait } from 'node:timers/promises';

import { type Connection, endpoint, serve, type Server } from 'hawser';
import { generate } from 'selfsigned';

import { numberOf } from './message.ts';
import { onOrder, report, type ServerCounts } from './orders.ts';
import { startSampling, takeSample } from './sampler.ts';
import { noFaults, SequenceCheck } from './sequence.ts';

const faults = noFaults();
const handlerErrors: string[] = [];
const warnings: string[] = [];

process.on('warning', (warning) => void warnings.push(String(warning)));

function reply(connection: Connection, message: string | Uint8Array): Promise<void> | undefined {
  return connection.send(message) ? undefined : connection.drained().catch(() => {});
}

function error(_connection: unknown, thrown: unknown): void {
  handlerErrors.push(String(thrown));
}

const endpoints = {
  '/echo': endpoint({
    compression: true,
    authorize: () => new SequenceCheck(faults),
    message(connection, message) {
      connection.context.receive(numberOf(message));
      return reply(connection as Connection, message);
    },
    error,
  }),
  '/attacked': endpoint({ compression: true, message: reply, error }),
};

async function listen(): Promise<readonly [Server, Server]> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  const plain = await serve({ host: '127.0.0.1', port: 0, endpoints });
  const encrypted = await serve({ host: '127.0.0.1', port: 0, endpoints, tls: { cert, key } });
  return [plain, encrypted];
}

const servers = await listen();
const before = takeSample();
let stopSampling = (): void => {};

/** Counts once nothing but the listening sockets should be left. */
async function finish(): Promise<ServerCounts> {
  stopSampling();
  // The last attackers have their closing handshakes and deadlines still before them.
  let after = takeSample();
  for (let round = 0; round < 60; round += 1) {
    if (after.sockets <= before.sockets && after.timers <= before.timers) break;
    await wait(500);
    after = takeSample();
  }
  const connectionsLeft = servers.reduce((sum, { connections }) => sum + connections.size, 0);
  for (const server of servers) await server.close();
  return { faults, handlerErrors, warnings, before, after, connectionsLeft };
}

onOrder((order) => {
  if (order.type === 'measure') {
    stopSampling = startSampling(order.blockSeconds, (block) => report({ type: 'block', block }));
  } else if (order.type === 'stop') {
    void finish().then((counts) => {
      report({ type: 'server-done', counts });
      process.disconnect();
    });
  }
});

const [port, tlsPort] = servers.map(({ address }) => address.port);
report({ type: 'listening', port: port ?? 0, tlsPort: tlsPort ?? 0 });
