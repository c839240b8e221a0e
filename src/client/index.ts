export { TimeoutError } from '../connection/errors.ts';
export { HandshakeError, type Refusal } from '../handshake/errors.ts';
export { connect } from './connect.ts';
export type { ConnectOptions, HeadersGiven } from './options.ts';
