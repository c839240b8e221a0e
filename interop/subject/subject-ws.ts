import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';

import { WebSocket, WebSocketServer, type PerMessageDeflateOptions, type RawData } from 'ws';

import { Mailbox } from '../matrix/mailbox.ts';
import {
  largestMessage,
  subprotocol,
  type Deflate,
  type Message,
  type Subject,
  type SubjectConnection,
  type SubjectEnding,
} from './subject.ts';

const maxPayload = largestMessage + 1024;

/** The npm package `ws` in the place of the subject: tells whose fault a failure is. */
export const wsSubject: Subject = {
  name: 'ws',
  async serve({ deflate }) {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      maxPayload,
      perMessageDeflate: deflateOptions(deflate),
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    });
    const accepted = new Mailbox<SubjectConnection>('connection');
    server.on('connection', (socket) => accepted.put(adapt(socket)));
    await new Promise((resolve) => server.once('listening', resolve));
    return {
      port: (server.address() as AddressInfo).port,
      accept: (timeout) => accepted.take(timeout),
      close: () => closeServer(server),
    };
  },
  async connect(url, { deflate, subprotocols }) {
    const perMessageDeflate = deflateOptions(deflate);
    const socket = new WebSocket(url, [...subprotocols], { maxPayload, perMessageDeflate });
    const connection = adapt(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return connection;
  },
};

function deflateOptions(deflate: Deflate): PerMessageDeflateOptions | false {
  if (deflate === 'off') return false;
  const fresh = deflate !== 'takeover';
  return { threshold: 0, serverNoContextTakeover: fresh, clientNoContextTakeover: fresh };
}

function closeServer(server: WebSocketServer): Promise<void> {
  for (const socket of server.clients) socket.terminate();
  return new Promise((resolve) => server.close(() => resolve()));
}

function adapt(socket: WebSocket): SubjectConnection {
  const messages = new Mailbox<Message>('message');
  const ended = endOf(socket).then(({ code }) => `because the connection ended with ${code}`);
  const pings = new Mailbox<Uint8Array>('ping');
  const closed = endOf(socket);
  socket.on('message', (data, isBinary) => messages.put(messageOf(data, isBinary)));
  socket.on('ping', (bytes) => pings.put(bytes));
  socket.on('error', () => undefined);
  return {
    get subprotocol() {
      return socket.protocol;
    },
    get deflate() {
      return socket.extensions.includes('permessage-deflate');
    },
    send: (message) => sent(socket, message, true),
    sendFragments: (pieces, type) => sendFragments(socket, pieces, type),
    sendPart: (part, fin) => sent(socket, part, fin),
    receive: (timeout) => messages.take(timeout, ended),
    ping: (bytes) => ping(socket, bytes),
    receivePing: (timeout) => pings.take(timeout),
    close(code, reason) {
      socket.close(code, reason);
      return closed;
    },
    closed,
    terminate: () => socket.terminate(),
  };
}

function endOf(socket: WebSocket): Promise<SubjectEnding> {
  return new Promise((resolve) => {
    socket.once('close', (code, reason) => {
      resolve({ code, reason: reason.toString(), wasClean: code !== 1006 });
    });
  });
}

function messageOf(data: RawData, isBinary: boolean): Message {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  return isBinary ? bytes : bytes.toString();
}

function sent(socket: WebSocket, message: Message, fin: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(message, { fin, binary: typeof message !== 'string' }, (error) =>
      error ? reject(error) : resolve(),
    );
  });
}

async function sendFragments(
  socket: WebSocket,
  pieces: readonly Uint8Array[],
  type: 'text' | 'binary',
): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    socket.send(piece, { fin: index === pieces.length - 1, binary: type === 'binary' });
  }
}

function ping(socket: WebSocket, bytes: Uint8Array): Promise<number> {
  const start = performance.now();
  return new Promise((resolve) => {
    const answered = (payload: Buffer) => {
      if (!payload.equals(bytes)) return;
      socket.off('pong', answered);
      resolve(performance.now() - start);
    };
    socket.on('pong', answered);
    socket.ping(bytes);
  });
}
