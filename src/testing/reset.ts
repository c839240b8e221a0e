import type { Socket } from 'node:net';

/**
 * Closes a socket with RST at once; its own `resetAndDestroy` waits until all it holds is sent. A
 * receiver in Node that reads its last bytes together with the RST takes it for a FIN.
 */
export function reset(socket: Socket): void {
  // What `resetAndDestroy` sets too, in every version of Node since 18.3.
  Object.assign(socket, { resetAndClosing: true }).destroy();
}
