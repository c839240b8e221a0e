export { connect } from './connect.ts';
export type { ConnectOptions, HeadersGiven } from './options.ts';
