import { serve } from 'hawser';

const settings = {
  threshold: 0,
  windowBits: 12,
  peerWindowBits: 12,
  memoryLevel: 5,
} as const;

const takeover = process.argv[2] === 'takeover';
const server = await serve({
  port: 0,
  host: '127.0.0.1',
  heartbeat: false,
  compression: { ...settings, contextTakeover: takeover, peerContextTakeover: takeover },
  endpoints: {
    '/': { message: (connection, message) => void connection.send(message) },
  },
});

/** What the process takes once all that can be freed is freed, in bytes. */
function settledMemory(): number {
  // Gives free pages back as well, as an idle process does after some time.
  const collection = { type: 'major', execution: 'sync', flavor: 'last-resort' } as const;
  for (let count = 0; count < 4; count++) globalThis.gc?.(collection);
  return process.memoryUsage.rss();
}

process.on('message', () => process.send?.(settledMemory()));
process.on('disconnect', () => process.exit());
process.send?.(server.address.port);
