import { browserPeers } from '../browsers/browser-peers.ts';
import { agentPeers } from './agent-peers.ts';
import type { Peer } from './peer.ts';
import { proxyPeers } from './proxies.ts';
import { testServerPeer } from './test-server.ts';

/** Every peer, in the order of the table. */
export const peers: readonly Peer[] = [
  ...agentPeers,
  testServerPeer,
  ...proxyPeers,
  ...browserPeers,
];
