/// <reference types="node" preserve="true" />
export { TimeoutError } from '../connection/reporting/errors.ts';
export { HandshakeError, type Refusal } from '../handshake/errors.ts';
export type { HeadersGiven } from '../handshake/header-list.ts';
export { connect } from './connect.ts';
export type { ConnectOptions } from './options.ts';
