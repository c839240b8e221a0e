import { channel } from 'node:diagnostics_channel';

import { WebSocket, ping } from 'undici';

import { parseCommand, printClosed, readArguments } from './commands.ts';

const { target } = readArguments();
const socket = new WebSocket(target, ['interop.v0', 'interop.v1']);
socket.binaryType = 'arraybuffer';

function obey(text: string): void {
  const command = parseCommand(text);
  if (command.verb === 'ping') ping(socket, Buffer.from(command.payload));
  else if (command.verb === 'close') socket.close(command.code, command.reason);
}

// Pongs are no event of the WHATWG interface; undici tells of them on this channel.
channel('undici:websocket:pong').subscribe((message) => {
  const { payload } = message as { readonly payload: Uint8Array };
  socket.send(`pong ${Buffer.from(payload).toString()}`);
});
socket.addEventListener('message', ({ data }: { readonly data: unknown }) => {
  if (typeof data !== 'string') socket.send(data as ArrayBuffer);
  else if (data.startsWith('!')) obey(data);
  else socket.send(data);
});
socket.addEventListener('close', ({ code, reason }) => printClosed(code, reason));
socket.addEventListener('error', (event) => console.error(event.message));
