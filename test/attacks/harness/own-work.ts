/** Hears when the attacker itself, which shares the event loop, is about to block it. */
export interface OwnWorkListener {
  begin(): void;
  end(): void;
}

const listeners = new Set<OwnWorkListener>();

/** Tells of work of the attacker's until the returned function is called. */
export function onOwnWork(listener: OwnWorkListener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Does what is the attacker's own work, so that nobody takes its time for the attacked side's. */
export function ownWork<T>(work: () => T): T {
  for (const listener of listeners) listener.begin();
  try {
    return work();
  } finally {
    for (const listener of listeners) listener.end();
  }
}
