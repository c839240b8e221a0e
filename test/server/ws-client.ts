import { once } from 'node:events';

import { WebSocket } from 'ws';

/** Sends a text with the client of the npm package; gives what comes back. */
export async function echoOf(ws: WebSocket): Promise<string> {
  await once(ws, 'open');
  ws.send('hello');
  const [message] = (await once(ws, 'message')) as [Buffer];
  ws.close();
  await once(ws, 'close');
  return String(message);
}

/** The status a refused client of the npm package sees. */
export async function statusOf(url: string): Promise<number | undefined> {
  const ws = new WebSocket(url);
  const [, response] = await once(ws, 'unexpected-response');
  response.resume();
  return response.statusCode;
}
