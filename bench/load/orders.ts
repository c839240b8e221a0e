import type { LoadFigures, LoadPlan, ServerTarget } from './plan.ts';

/** What the load generator is told, one order at a time. */
export type LoadOrder =
  | { readonly type: 'open'; readonly plan: LoadPlan; readonly target: ServerTarget }
  | { readonly type: 'verify' }
  | { readonly type: 'run'; readonly seconds: number }
  | { readonly type: 'close' };

/** What it answers. */
export interface LoadAnswer {
  readonly error?: string;
  readonly port?: number;
  readonly figures?: LoadFigures;
}
