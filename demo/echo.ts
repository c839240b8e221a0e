import { CloseCode, endpoint } from 'hawser';

import { type Arrival, readArrival } from './arrival.ts';
import type { Visitors } from './visitors.ts';

/** The largest message that the echo takes, in bytes. */
const largestMessage = 16 * 1024 * 1024;

/** The endpoint that sends every message back as it came, no faster than it is taken. */
export function echoEndpoint(visitors: Visitors) {
  return endpoint<Arrival | Response>({
    subprotocols: ['echo.hawser.v1'],
    // Whoever tries it out may send a file of zeros: here the size alone is the limit.
    compression: { maxRatio: Infinity },
    maxMessageSize: largestMessage,
    authorize: ({ query }) => readArrival(query),
    open(connection) {
      if (visitors.enter(connection.context.key, connection)) return;
      void connection.close(CloseCode.PolicyViolation, 'this id is in use');
    },
    message(connection, message) {
      if (connection.send(message)) return undefined;
      // It rejects when the connection ends first, which is no failure of the echo.
      return connection.drained().catch(() => undefined);
    },
    close: (connection, info) => visitors.leave(connection.context.key, connection, info),
  });
}
