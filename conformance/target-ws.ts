import type { Buffer } from 'node:buffer';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { WebSocket, WebSocketServer } from 'ws';
import type { ClientOptions, ServerOptions } from 'ws';

import type { Setup } from './case.ts';
import { runTarget, setupPaths } from './target.ts';

const mib = 1_048_576;
/** Options of ws that its type package does not know yet. */
interface Newer {
  closeTimeout?: number;
  maxFragments?: number;
  maxBufferedChunks?: number;
}

const perMessageDeflate = { threshold: 0 };
const settings: Record<Setup, ServerOptions & ClientOptions & Newer> = {
  echo: { maxPayload: 64 * mib, maxFragments: 0, maxBufferedChunks: 0, perMessageDeflate },
  limited: { maxPayload: 65_536, perMessageDeflate },
  plain: { maxPayload: 64 * mib, perMessageDeflate: false },
  subprotocols: { perMessageDeflate: false },
  command: { perMessageDeflate: false, closeTimeout: 1000 },
};
const known = new Set(['chat', 'superchat']);

/** Echoes every message; under the setup `command` it obeys instead. */
function echo(socket: WebSocket, setup: Setup): void {
  socket.on('error', () => {});
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    const [order, code = '1000', ...reason] = data.toString('utf8', 0, 200).split(' ');
    if (setup === 'command' && order === 'terminate') socket.terminate();
    else if (setup === 'command' && order === 'close') socket.close(Number(code), reason.join(' '));
    else socket.send(data, { binary: isBinary });
  });
}

async function serveEcho(): Promise<number> {
  const http = createServer((_, response) => response.writeHead(426).end());
  const servers = new Map(
    setupPaths.map(([setup, path]) => {
      const handleProtocols = (offered: Set<string>): string | false =>
        [...offered].find((name) => known.has(name)) ?? false;
      const server = new WebSocketServer({ noServer: true, ...settings[setup], handleProtocols });
      server.on('connection', (socket) => echo(socket, setup));
      return [path, server];
    }),
  );
  http.on('upgrade', (request, socket, head) => {
    const server = servers.get(request.url?.split('?')[0] ?? '/');
    if (server === undefined) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    return server.handleUpgrade(request, socket, head, (ws) =>
      server.emit('connection', ws, request),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return (http.address() as AddressInfo).port;
}

function connectEcho(url: string, setup: Setup): Promise<void> {
  const subprotocols = setup === 'subprotocols' ? [...known] : [];
  return new Promise((resolve) => {
    const socket = new WebSocket(url, subprotocols, settings[setup]);
    echo(socket, setup);
    socket.on('close', () => resolve());
  });
}

await runTarget({ serveEcho, connectEcho });
