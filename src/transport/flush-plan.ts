/** What has something to flush behind this turn. */
export interface Flushable {
  flush(): void;
}

let planned: Flushable[] = [];

/** Flushes it at the end of this tick: one entry in Node's queue for all, since each costs. */
export function planFlush(flushable: Flushable): void {
  if (planned.push(flushable) === 1) process.nextTick(flushPlanned);
}

function flushPlanned(): void {
  const all = planned;
  planned = [];
  let flushed = 0;
  try {
    for (const each of all) {
      flushed++;
      each.flush();
    }
  } finally {
    // One that throws holds up no other.
    for (const each of all.slice(flushed)) planFlush(each);
  }
}
