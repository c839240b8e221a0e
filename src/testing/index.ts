/// <reference types="node" preserve="true" />
export { memoryPair, type MemoryPairOptions } from '../transport/memory.ts';
export type { Transport, TransportSink } from '../transport/transport.ts';
export { connectedPair, type ConnectedPair, type ConnectedPairOptions } from './connected-pair.ts';
export { faultProxy, type FaultProxy } from './fault-proxy.ts';
export type { CutBy, CutOptions, Direction, Faults } from './faults.ts';
export type { FlowCounters } from './flow.ts';
export type { FaultControls, ProxiedConnection } from './proxied-connection.ts';
export type { FaultProxyOptions } from './proxy-options.ts';
export { VirtualClock } from './virtual-clock.ts';
