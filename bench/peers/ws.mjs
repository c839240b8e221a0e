// ws, with bufferutil unless WS_NO_BUFFER_UTIL is set.
import process from 'node:process';

import { WebSocketServer } from 'ws';

import { maxMessageSize, settings } from './control.mjs';
import { listen, server, versions } from './host.mjs';

const fresh = settings.deflate === 'fresh';
const deflate = { serverNoContextTakeover: fresh, clientNoContextTakeover: fresh };
const wss = new WebSocketServer({
  server,
  maxPayload: maxMessageSize,
  perMessageDeflate: settings.deflate ? deflate : false,
});

const subscribers = new Set();

const handlers = {
  '/echo': (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  },
  '/publish': (socket) => {
    socket.on('message', (data, binary) => {
      for (const subscriber of subscribers) subscriber.send(data, { binary });
    });
  },
  '/subscribe': (socket) => {
    subscribers.add(socket);
    socket.on('close', () => subscribers.delete(socket));
  },
};

wss.on('connection', (socket, request) => {
  socket.on('error', () => {});
  handlers[request.url](socket);
});

listen(process.env.WS_NO_BUFFER_UTIL ? versions('ws') : versions('ws', 'bufferutil'));
