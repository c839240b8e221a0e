// The ceiling: bytes through node:net (or node:tls), with no frames taken apart but a publisher's.
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import process from 'node:process';
import { createServer as createTlsServer } from 'node:tls';

import { obey, settings } from './control.mjs';

const subscribers = new Set();

/** The unmasked form of short masked frames of one length that follow each other. */
function unmask(bytes) {
  const length = bytes[1] & 0x7f;
  const count = Math.floor(bytes.length / (length + 6));
  const frames = Buffer.alloc(count * (length + 2));
  for (let index = 0; index < count; index += 1) {
    const from = index * (length + 6);
    const to = index * (length + 2);
    frames[to] = bytes[from];
    frames[to + 1] = length;
    for (let at = 0; at < length; at += 1) {
      frames[to + 2 + at] = bytes[from + 6 + at] ^ bytes[from + 2 + (at & 3)];
    }
  }
  return frames;
}

const handlers = {
  '/echo': (socket) => {
    socket.on('data', (chunk) => socket.write(chunk));
  },
  '/publish': (socket) => {
    socket.on('data', (chunk) => {
      const frames = unmask(chunk);
      for (const subscriber of subscribers) subscriber.write(frames);
    });
  },
  '/subscribe': (socket) => {
    subscribers.add(socket);
    socket.resume().on('close', () => subscribers.delete(socket));
  },
};

function open(socket, head) {
  const [, path] = head.split(' ', 2);
  const [, key] = /sec-websocket-key: (\S+)/i.exec(head);
  const hash = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${hash.digest('base64')}\r\n\r\n`,
  );
  handlers[path](socket);
}

function accept(socket) {
  let head = '';
  socket.setNoDelay();
  socket.on('error', () => {});
  socket.on('data', function read(chunk) {
    head += chunk.toString('latin1');
    if (!head.endsWith('\r\n\r\n')) return;
    socket.off('data', read);
    open(socket, head);
  });
}

const server = settings.tls ? createTlsServer(settings.tls, accept) : createServer(accept);
server.listen(0, '127.0.0.1', () => {
  obey({ port: server.address().port, version: `Node ${process.version.slice(1)}` });
});
