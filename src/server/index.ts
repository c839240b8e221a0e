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
export type { UpgradeRequest } from './request/request.ts';
export { serve, type ServeOptions, type Server } from './serve.ts';
export {
  type AcceptedUpgrade,
  acceptUpgrade,
  handleUpgrade,
  judgeUpgrade,
  refuseUpgrade,
  type UpgradeDecision,
} from './upgrade.ts';
