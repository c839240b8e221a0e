import type { ProtocolOptions } from '../../src/protocol/options.ts';
import type { Protocol } from '../../src/protocol/protocol.ts';
import type { Role } from '../../src/protocol/role.ts';
import { roles, wireTo } from './frames.ts';
import { atEveryCut, feed, open, type RecordedEvent, type Recorder } from './recorder.ts';

/** permessage-deflate with the largest windows, which are kept, and for messages of any size. */
export const keptWindows = {
  windowBits: 15,
  peerWindowBits: 15,
  contextTakeover: true,
  peerContextTakeover: true,
  threshold: 0,
  level: 6,
  memoryLevel: 8,
  maxRatio: Infinity,
};

/** As `keptWindows`, but every message stands for itself. */
export const freshWindows = { ...keptWindows, contextTakeover: false, peerContextTakeover: false };

/** Feeds frames in hex, written unmasked, to ends of both roles that inflate, at every cut. */
export async function inflated(
  frames: readonly string[],
  check: (events: readonly RecordedEvent[], role: Role) => void,
  options: Partial<ProtocolOptions> = {},
): Promise<void> {
  for (const role of roles) {
    const wire = wireTo(role, frames);
    const cuts: (readonly number[])[] = [];
    atEveryCut(wire, (some) => cuts.push(some));
    for (const some of cuts) {
      const { protocol, recorder } = open({ deflate: keptWindows, ...options, role });
      feed((chunk) => protocol.receive(chunk), wire, some);
      await settled(protocol, recorder);
      check(
        recorder.events.filter(([name]) => name !== 'ready'),
        role,
      );
      protocol.terminate();
    }
  }
}

/** Resolves when an end is done with all it was fed: no bytes wait any more, or it is over. */
async function settled(protocol: Protocol, recorder: Recorder): Promise<void> {
  while (protocol.busy) await recorder.next();
}
