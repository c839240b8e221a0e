// A WebSocket of the WHATWG's kind: that of Bun or Deno, and undici's on Node.
import { versions } from './host.mjs';
import { Receiving } from './receiving.mjs';

const { Bun, Deno } = globalThis;
const native = Bun !== undefined || Deno !== undefined;
const WebSocket = native ? globalThis.WebSocket : (await import('undici')).WebSocket;

function version() {
  if (Bun) return `Bun ${Bun.version}`;
  return Deno ? `Deno ${Deno.version.deno}` : versions('undici');
}

const receiving = new Receiving(version(), async (url) => {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    if (receiving.echoes) socket.send(data);
    else receiving.count();
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  return () => socket.close();
});
