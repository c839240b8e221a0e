import type { ResolvedCloseOptions } from '../host.ts';
import type { ServerAddress } from '../http/front.ts';
import type { ServerStats } from '../stats.ts';

/** What a worker reports of one of its servers; `server` counts the calls of `serve`. */
export type Report = { readonly hawser: 'report'; readonly server: number } & (
  | { readonly listening: ServerAddress }
  | { readonly failed: { readonly message: string; readonly code: string | undefined } }
  | { readonly stats: ServerStats }
  | { readonly closed: true }
);

/** What the primary asks of a server in each of its workers. */
export interface CloseOrder {
  readonly hawser: 'close';
  readonly server: number;
  readonly code: number;
  /** In milliseconds; null stands for Infinity, which JSON has not. */
  readonly deadline: number | null;
}

function isOurs(message: unknown, kind: string): boolean {
  return typeof message === 'object' && message !== null && Reflect.get(message, 'hawser') === kind;
}

/** Whether a worker's message is one of these; an application's own ones pass by. */
export function isReport(message: unknown): message is Report {
  return isOurs(message, 'report');
}

/** Whether a message of the primary's is one of these. */
export function isCloseOrder(message: unknown): message is CloseOrder {
  return isOurs(message, 'close');
}

/** The order to close as `close` was called. */
export function closeOrder(server: number, { code, deadline }: ResolvedCloseOptions): CloseOrder {
  return { hawser: 'close', server, code, deadline: deadline === Infinity ? null : deadline };
}

/** How a worker closes by such an order. */
export function closeOptionsOf({ code, deadline }: CloseOrder): ResolvedCloseOptions {
  return { code, deadline: deadline ?? Infinity };
}
