import type { Plan } from './options.ts';
import type { Block, Sample } from './sampler.ts';
import type { Faults } from './sequence.ts';

/** What the main process tells the other two. */
export type Order =
  | { readonly type: 'load'; readonly plan: Plan; readonly port: number; readonly tlsPort: number }
  | { readonly type: 'measure'; readonly blockSeconds: number }
  | { readonly type: 'stop' };

/** What the load generator counted. */
export interface LoadCounts {
  readonly faults: Faults;
  readonly sent: number;
  readonly received: number;
  readonly opened: number;
  readonly refused: number;
  readonly closed: number;
  readonly broken: number;
  readonly brokenReasons: readonly string[];
  readonly attacks: Readonly<Record<string, number>>;
  readonly hanging: readonly string[];
  readonly slowestMs: number;
}

/** What the server counted. */
export interface ServerCounts {
  readonly faults: Faults;
  readonly handlerErrors: readonly string[];
  readonly warnings: readonly string[];
  /** Before the first connection, and after the last one. */
  readonly before: Sample;
  readonly after: Sample;
  readonly connectionsLeft: number;
}

/** What the other two tell the main process. */
export type Report =
  | { readonly type: 'listening'; readonly port: number; readonly tlsPort: number }
  | { readonly type: 'connected'; readonly opened: number }
  | { readonly type: 'block'; readonly block: Block }
  | { readonly type: 'load-done'; readonly counts: LoadCounts }
  | { readonly type: 'server-done'; readonly counts: ServerCounts };

/** Sends a report to the main process. */
export function report(message: Report): void {
  process.send?.(message);
}

/** Takes orders from the main process. */
export function onOrder(listener: (order: Order) => void): void {
  process.on('message', (message) => listener(message as Order));
}
