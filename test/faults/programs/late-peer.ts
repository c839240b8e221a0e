// A peer that does the first half of something, and the second when it is told to and some time passed.
import { connect, createServer } from 'node:net';

import { acceptKey } from 'hawser/protocol';

import { onAsked, tell } from './talk.ts';

const [given = '{}'] = process.argv.slice(2);
const { port, first, second, deaf } = JSON.parse(given) as {
  /** Of the server; without one this is a server itself. */
  port?: number;
  /** Bytes in hexadecimal digits. */
  first: string;
  second: string;
  /** Whether nothing is read until the second half. */
  deaf?: boolean;
};
let act = (): void => {};

async function beClient(server: number): Promise<void> {
  const socket = connect(server, '127.0.0.1');
  socket.on('error', () => {});
  if (deaf !== true) socket.resume();
  act = () => void socket.resume().write(Buffer.from(second, 'hex'));
  socket.write(Buffer.from(first, 'hex'), () => void tell('half'));
}

function beServer(): void {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (head) => {
      const key = /^sec-websocket-key: (.*)\r$/im.exec(String(head))?.[1] ?? '';
      const lines = ['Upgrade: websocket', 'Connection: Upgrade'];
      const answer = ['HTTP/1.1 101 Switching Protocols', ...lines];
      answer.push(`Sec-WebSocket-Accept: ${acceptKey(key)}`, '', '');
      act = () => void socket.write(answer.join('\r\n'));
      void tell('half');
    });
  });
  server.listen(0, '127.0.0.1', () => void tell('listening', server.address() as object));
}

onAsked({ go: ({ after }) => void setTimeout(() => act(), Number(after)) });
process.on('disconnect', () => process.exit());
if (port === undefined) beServer();
else await beClient(port);
