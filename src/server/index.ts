/// <reference types="node" preserve="true" />
export { attach, type Attachment, type AttachOptions, type Unmatched } from './attach.ts';
export { accept, type Acceptance, type AcceptOptions } from './authorize.ts';
export {
  type ContextOf,
  endpoint,
  type Endpoint,
  type EndpointDefinition,
  type Endpoints,
  type PathParams,
} from './endpoint.ts';
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
} from './options.ts';
export type { UpgradeRequest } from './request.ts';
export { serve, type ServeOptions, type Server } from './serve.ts';
export {
  type AcceptedUpgrade,
  acceptUpgrade,
  handleUpgrade,
  judgeUpgrade,
  refuseUpgrade,
  type UpgradeDecision,
} from './upgrade.ts';
