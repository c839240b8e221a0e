import cluster from 'node:cluster';

import { serve } from 'hawser';

import { maxMessageSize, obey, settings } from './control.ts';
import { endpoints } from './endpoints.ts';
import { answerUsage, usageOfAll } from './usage.ts';
import { version } from './version.ts';

// A measured server: every safety at its default, and room for the largest message sent.
const takeover = settings.deflate === 'takeover';
const { address } = await serve({
  port: 0,
  host: '127.0.0.1',
  maxMessageSize,
  compression: settings.deflate !== undefined && {
    contextTakeover: takeover,
    peerContextTakeover: takeover,
  },
  endpoints,
  ...(settings.tls && { tls: settings.tls }),
  ...(settings.workers !== undefined && { workers: settings.workers }),
});

const ready = { port: address.port, version: version() };
if (settings.workers === undefined) obey(ready);
else if (cluster.isPrimary) obey(ready, { usage: usageOfAll });
else answerUsage();
