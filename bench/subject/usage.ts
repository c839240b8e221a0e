import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';

/** What one process has used: CPU time in microseconds, and resident memory in bytes. */
interface Usage {
  readonly cpu: number;
  readonly kernel: number;
  readonly rss: number;
}

function ownUsage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpu: user + system, kernel: system, rss: process.memoryUsage().rss };
}

const isUsage = (message: unknown): message is Usage =>
  typeof message === 'object' && message !== null && 'rss' in message;

async function usageOf(worker: Worker): Promise<Usage> {
  worker.send('usage');
  for (;;) {
    // The library talks with its workers on the same channel.
    const [message] = (await once(worker, 'message')) as [unknown];
    if (isUsage(message)) return message;
  }
}

/** In a worker: tells the primary process what it has used, whenever that asks. */
export function answerUsage(): void {
  process.on('message', (message) => {
    if (message === 'usage') process.send?.(ownUsage());
  });
}

/** In the primary process: what it and its workers have used together. */
export async function usageOfAll(): Promise<Usage> {
  const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  const all = [ownUsage(), ...(await Promise.all(workers.map(usageOf)))];
  const sum = (key: keyof Usage): number => all.reduce((total, usage) => total + usage[key], 0);
  return { cpu: sum('cpu'), kernel: sum('kernel'), rss: sum('rss') };
}
