// The client of ws, with bufferutil.
import { once } from 'node:events';

import { WebSocket } from 'ws';

import { maxMessageSize } from './control.mjs';
import { versions } from './host.mjs';
import { Receiving } from './receiving.mjs';

const receiving = new Receiving(versions('ws', 'bufferutil'), async (url) => {
  const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: maxMessageSize });
  socket.on('message', (data, binary) => {
    // With the binaryType that it has by default, the data is one Buffer.
    const message = binary ? data : Buffer.prototype.toString.call(data);
    if (receiving.echoes) socket.send(message);
    else receiving.count();
  });
  await once(socket, 'open');
  return () => socket.terminate();
});
