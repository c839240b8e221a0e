import { after } from 'node:test';

import { refuse } from '../../../src/handshake/decision.ts';
import { headLimits } from '../../../src/handshake/http-head.ts';
import { Front, type FrontListener } from '../../../src/server/http/front.ts';
import { sendRefusal } from '../../../src/server/http/refusal.ts';
import { listenDefaults } from '../../../src/server/options/options.ts';
import { ServerTally } from '../../../src/server/stats.ts';

/** A front that answers requests with 200 and upgrades with 418, until the test ends. */
export async function start(
  given: Partial<FrontListener> = {},
  timeout = 10_000,
  tls?: object,
  path?: string,
) {
  const listener: FrontListener = {
    onRequest: (_request, response) => response.end('page'),
    onUpgrade: ({ socket }) => sendRefusal(refuse('UNAUTHORIZED', { status: 418 }), socket),
    ...given,
  };
  const options = {
    maxPendingHandshakes: 1024,
    answering: () => 0,
    tally: new ServerTally(),
  };
  const front = new Front({ ...options, tls, timeout, limits: headLimits }, listener);
  const place = path === undefined ? { port: 0, host: '127.0.0.1' } : { path };
  const address = await front.listen({ ...listenDefaults, ...place });
  after(async () => {
    const gone = front.close();
    front.destroy();
    await gone;
  });
  return { front, port: address.port };
}
