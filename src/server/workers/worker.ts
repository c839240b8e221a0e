import type { Server } from '../serve.ts';
import { closeOptionsOf, isCloseOrder, type Report } from './messages.ts';

/** How often a worker tells its counts, in milliseconds. */
const REPORT_EVERY = 500;

function report(what: Report): void {
  // A primary that is gone hears nothing; its workers end with it.
  if (process.connected) process.send?.(what, () => {});
}

/**
 * Joins a server of this worker to the one of the primary: what it counts is told there, and it
 * closes when that one does. Resolves and rejects as the server's opening does.
 */
export async function joinPrimary(server: number, opening: Promise<Server>): Promise<Server> {
  try {
    const opened = await opening;
    follow(server, opened);
    report({ hawser: 'report', server, listening: opened.address });
    return opened;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    report({ hawser: 'report', server, failed: { message, code } });
    throw error;
  }
}

function follow(server: number, opened: Server): void {
  const tell = (): void => report({ hawser: 'report', server, stats: opened.stats() });
  const timer = setInterval(tell, REPORT_EVERY).unref();
  const onMessage = (message: unknown): void => {
    if (!isCloseOrder(message) || message.server !== server) return;
    process.off('message', onMessage);
    void opened.close(closeOptionsOf(message)).then(() => {
      clearInterval(timer);
      tell();
      report({ hawser: 'report', server, closed: true });
    });
  };
  process.on('message', onMessage);
}
