import type { ProtocolOptions } from '../../src/protocol/options.ts';
import type { Protocol } from '../../src/protocol/protocol.ts';
import type { Role } from '../../src/protocol/role.ts';
import { open, type RecordedEvent, type Recorder } from './recorder.ts';

interface End {
  readonly protocol: Protocol;
  readonly recorder: Recorder;
}

/** Two ends that have opened a connection with each other; bytes pass when `exchange` is called. */
export interface Pair {
  readonly near: End;
  readonly far: End;
  readonly nearEvents: readonly RecordedEvent[];
  readonly farEvents: readonly RecordedEvent[];
  /** Hands on what was written, in both directions, until nothing more comes. */
  exchange(): void;
}

/** Joins an end of this role with its peer. */
export function join(
  role: Role,
  nearOptions: Partial<ProtocolOptions> = {},
  farOptions: Partial<ProtocolOptions> = {},
): Pair {
  const near = open({ ...nearOptions, role });
  const far = open({ ...farOptions, role: role === 'client' ? 'server' : 'client' });
  const pass = (from: End, to: End): boolean => {
    const frames = from.recorder.written.splice(0);
    for (const frame of frames) to.protocol.receive(Uint8Array.from(frame));
    return frames.length > 0;
  };
  const exchange = (): void => {
    while (pass(near, far) || pass(far, near));
  };
  const nearEvents = near.recorder.events;
  const farEvents = far.recorder.events;
  return { near, far, nearEvents, farEvents, exchange };
}
