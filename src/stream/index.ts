/// <reference types="node" preserve="true" />
export { type DuplexOptions, toDuplex } from './duplex.ts';
export type { StreamableConnection } from './message-source.ts';
export { toWebStreams, type WebStreams } from './web.ts';
