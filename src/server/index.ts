/// <reference types="node" preserve="true" />
export { attach, type Attachment, type AttachOptions, type Unmatched } from './attach.ts';
export { accept, type Acceptance, type AcceptOptions } from './request/authorize.ts';
export {
  type ContextOf,
  endpoint,
  type Endpoint,
  type EndpointDefinition,
  type Endpoints,
  type PathParams,
} from './options/endpoint.ts';
export type { HeadersGiven } from '../handshake/header-list.ts';
export type { CloseOptions } from './host.ts';
export type { ServerAddress } from './http/front.ts';
export type { RefusedUpgrade } from './http/refusal.ts';
export type {
  Authorize,
  EndpointDefaults,
  EndpointOptions,
  ListenOptions,
  RequestListener,
} from './options/options.ts';
export type { AcceptedUpgrade, UpgradeDecision } from './request/judge.ts';
export type { UpgradeRequest } from './request/request.ts';
export type { TrustedProxies } from './request/trust-proxy.ts';
export type { BothWays, BudgetUse, Counts, ServerStats } from './stats.ts';
export type { ServerLimitOptions } from './options/server-limits.ts';
export type { LimitName } from '../connection/reporting/tally.ts';
export type { DiagnosticMessages, DiagnosticName } from '../connection/reporting/diagnostics.ts';
export { serve, type ServeOptions, type Server } from './serve.ts';
export { acceptUpgrade, handleUpgrade, judgeUpgrade, refuseUpgrade } from './upgrade.ts';
