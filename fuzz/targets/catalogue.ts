import type { Target } from '../engine/target.ts';
import { addressTarget } from './address.ts';
import { closingTarget } from './closing.ts';
import { deflateTarget } from './deflate.ts';
import { extensionHeaderTarget } from './extension-header.ts';
import { requestHeadTarget, responseHeadTarget } from './head.ts';
import { parserTarget } from './parser.ts';
import { wsReceiverTarget } from './ws-receiver.ts';

/** All targets, in the order they are fuzzed. */
export const catalogue: readonly Target[] = [
  parserTarget('server'),
  parserTarget('client'),
  requestHeadTarget,
  responseHeadTarget,
  extensionHeaderTarget,
  deflateTarget,
  addressTarget,
  closingTarget,
  wsReceiverTarget,
];
