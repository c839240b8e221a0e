import type { AddressInfo } from 'node:net';

import { WebSocket, WebSocketServer, type PerMessageDeflateOptions } from 'ws';

import { fragment, parseCommand, printClosed, readArguments } from './commands.ts';

const maxPayload = 32 * 1024 * 1024;
const { role, target, deflate } = readArguments();

/** Takes over the browser's habit of an empty Close where no code is given. */
function obey(socket: WebSocket, text: string): void {
  const command = parseCommand(text);
  switch (command.verb) {
    case 'ping':
      socket.once('pong', (bytes: Buffer) => socket.send(`pong ${bytes.toString()}`));
      socket.ping(command.payload);
      return;
    case 'fragments': {
      const { type, count, size } = command;
      for (let index = 0; index < count; index++) {
        socket.send(fragment(index, size), { fin: index === count - 1, binary: type === 'binary' });
      }
      return;
    }
    case 'close':
      socket.close(command.code, command.reason);
  }
}

function answer(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => {
    const bytes = data as Buffer;
    if (!isBinary && bytes[0] === 0x21) obey(socket, bytes.toString());
    else socket.send(bytes, { binary: isBinary });
  });
  socket.on('close', (code, reason) => printClosed(code, reason.toString()));
  socket.on('error', (error) => console.error(error.message));
}

function deflateOptions(): PerMessageDeflateOptions | false {
  if (deflate === 'off') return false;
  const fresh = deflate !== 'takeover';
  return { threshold: 0, serverNoContextTakeover: fresh, clientNoContextTakeover: fresh };
}

const perMessageDeflate = deflateOptions();
if (role === 'client') {
  answer(new WebSocket(target, ['interop.v0', 'interop.v1'], { maxPayload, perMessageDeflate }));
} else {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    maxPayload,
    perMessageDeflate,
    handleProtocols: (offered) => (offered.has('interop.v1') ? 'interop.v1' : false),
  });
  server.on('connection', answer);
  server.on('listening', () => {
    console.log(`listening ${(server.address() as AddressInfo).port}`);
  });
}
