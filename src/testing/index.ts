/// <reference types="node" preserve="true" />
export { memoryPair, type MemoryPairOptions } from '../transport/memory.ts';
export type { Transport, TransportSink } from '../transport/transport.ts';
export { connectedPair, type ConnectedPair, type ConnectedPairOptions } from './connected-pair.ts';
export { VirtualClock } from './virtual-clock.ts';
