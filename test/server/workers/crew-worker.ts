/** A worker that opens nothing: it says that it listens, and ends when it is let go or told to. */
process.send?.({ hawser: 'report', server: 0, listening: { port: process.pid } });
process.on('message', (message) => {
  process.send?.({ hawser: 'report', server: 0, stats: message });
});
