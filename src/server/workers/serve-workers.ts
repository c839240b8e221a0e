import cluster from 'node:cluster';

import type { ResolvedServerLimits } from '../options/server-limits.ts';
import type { Server } from '../serve.ts';
import { type Crew, sharedCrew } from './crew.ts';
import { WorkerServer } from './primary.ts';
import { joinPrimary } from './worker.ts';

/** How often `serve` was called for workers: the same calls in the primary and in each worker. */
let calls = 0;
let lastCrew: Crew | undefined;

/** Opens a server in this many processes; in each of them `open` opens its part. */
export async function serveWorkers(
  workers: number,
  limits: ResolvedServerLimits,
  open: () => Promise<Server>,
): Promise<Server> {
  if (!cluster.isPrimary) return joinPrimary(calls++, open());
  const crew = sharedCrew(workers);
  if (crew !== lastCrew) calls = 0;
  lastCrew = crew;
  const server = new WorkerServer(calls++, crew, limits);
  try {
    await server.opened;
  } catch (error) {
    await server.close({ deadline: 1 });
    throw error;
  }
  return server;
}
