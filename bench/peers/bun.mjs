// Bun's own server, run by Bun.
import { maxMessageSize, obey, settings } from './control.mjs';

const { Bun } = globalThis;
const context = settings.deflate === 'fresh' ? 'shared' : 'dedicated';
const compressed = settings.deflate !== undefined;

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  ...(settings.tls && { tls: settings.tls }),
  fetch(request, server) {
    const path = new URL(request.url).pathname;
    if (server.upgrade(request, { data: { path } })) return undefined;
    return new Response('', { status: 400 });
  },
  websocket: {
    maxPayloadLength: maxMessageSize,
    backpressureLimit: maxMessageSize,
    perMessageDeflate: compressed && { compress: context, decompress: context },
    open(socket) {
      if (socket.data.path === '/subscribe') socket.subscribe('all');
    },
    message(socket, message) {
      if (socket.data.path === '/publish') server.publish('all', message);
      else socket.send(message, compressed);
    },
  },
});

obey({ port: server.port, version: `Bun ${Bun.version}` });
