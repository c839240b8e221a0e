// Deno's own server, run by Deno.
import { obey, settings } from './control.mjs';

const { Deno } = globalThis;
const subscribers = new Set();

const handlers = {
  '/echo': (socket) => {
    socket.addEventListener('message', ({ data }) => socket.send(data));
  },
  '/publish': (socket) => {
    socket.addEventListener('message', ({ data }) => {
      for (const subscriber of subscribers) subscriber.send(data);
    });
  },
  '/subscribe': (socket) => {
    socket.addEventListener('open', () => subscribers.add(socket));
    socket.addEventListener('close', () => subscribers.delete(socket));
  },
};

Deno.serve(
  {
    port: 0,
    hostname: '127.0.0.1',
    ...settings.tls,
    onListen: ({ port }) => obey({ port, version: `Deno ${Deno.version.deno}` }),
  },
  (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('error', () => {});
    handlers[new URL(request.url).pathname](socket);
    return response;
  },
);
