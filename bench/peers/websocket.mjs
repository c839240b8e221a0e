// websocket (WebSocket-Node), with its native parts.
import websocket from 'websocket';

import { maxMessageSize } from './control.mjs';
import { listen, server, versions } from './host.mjs';

const sockets = new websocket.server({
  httpServer: server,
  maxReceivedFrameSize: maxMessageSize,
  maxReceivedMessageSize: maxMessageSize,
  fragmentOutgoingMessages: false,
});

const subscribers = new Set();

function send(connection, message) {
  if (message.type === 'utf8') connection.sendUTF(message.utf8Data);
  else connection.sendBytes(message.binaryData);
}

const handlers = {
  '/echo': (connection) => {
    connection.on('message', (message) => send(connection, message));
  },
  '/publish': (connection) => {
    connection.on('message', (message) => {
      for (const subscriber of subscribers) send(subscriber, message);
    });
  },
  '/subscribe': (connection) => {
    subscribers.add(connection);
    connection.on('close', () => subscribers.delete(connection));
  },
};

sockets.on('request', (request) => {
  const connection = request.accept(null, request.origin);
  connection.on('error', () => {});
  handlers[request.resource](connection);
});

listen(versions('websocket', 'bufferutil', 'utf-8-validate'));
