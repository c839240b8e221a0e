import { Hold } from '../receiving/reading.ts';
import type { Wire } from '../wire.ts';
import { notOpen } from './backpressure.ts';
import { type Payload, payloadOf } from './payload.ts';

const encoder = new TextEncoder();

/** Sends a Ping (RFC 6455 §5.5.2); resolves to its round trip in milliseconds. */
export function sendPing(wire: Wire, bytes: Payload, open: boolean): Promise<number> {
  const payload = payloadOf(bytes, 'bytes');
  const own = typeof payload === 'string' ? encoder.encode(payload) : payload;
  if (own.length > 125) {
    throw new RangeError(`a ping carries at most 125 bytes, but these are ${own.length}`);
  }
  const sent = open && wire.protocol.ping(own);
  const roundTrip = sent
    ? wire.pings.roundTrip(own, () => wire.reading.holds(Hold.QueueFull))
    : Promise.reject(notOpen());
  roundTrip.catch(() => {});
  return roundTrip;
}
