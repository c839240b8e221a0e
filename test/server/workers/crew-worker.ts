/** A worker that opens nothing: it says that it listens, and ends when it is let go or told to. */
for (const server of [0, 1]) {
  process.send?.({ hawser: 'report', server, listening: { port: process.pid } });
}
process.on('message', (message) => {
  for (const server of [0, 1]) process.send?.({ hawser: 'report', server, stats: message });
});
