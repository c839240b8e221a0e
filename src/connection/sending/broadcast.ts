import { SharedDeflate } from '../../protocol/extension/shared-deflate.ts';
import { FrameArena } from '../../protocol/sending/frame-arena.ts';
import { SharedMessage } from '../../protocol/sending/shared-message.ts';
import { Connection, outgoingOf } from '../connection.ts';
import { flag, resolveOptions, type Rules, text, wrongType } from '../options/option-rules.ts';
import type { Outgoing } from './outgoing.ts';
import { type Payload, payloadOf } from './payload.ts';
import { beginRound, type BroadcastResult, currentRound, sendEach } from './round.ts';

/** How one message is sent to many. */
export interface BroadcastOptions {
  /** Who does not get it. */
  readonly except?: Connection | ReadonlySet<Connection> | undefined;
  /** Whether to compress it, where that was negotiated. Default: by its size. */
  readonly compress?: boolean | undefined;
  /** What a later message with the same key may replace, by the policy `conflate`. */
  readonly key?: string | undefined;
}

/** For fewer receivers a round is no gain. */
const ROUND = 8;

interface Given {
  readonly except: Connection | ReadonlySet<Connection> | undefined;
  readonly compress: boolean | undefined;
  readonly key: string | undefined;
}

const defaults: Given = { except: undefined, compress: undefined, key: undefined };
const rules: Rules<Given> = { except: exceptRule, compress: flag, key: text };

const encoder = { arena: new FrameArena(), deflate: new SharedDeflate() };

/**
 * Sends one message to many connections, to each by its own back-pressure policy; it is encoded once
 * for all that are alike and compressed once for each way of compressing. One that fails hurts no
 * other. Throws a TypeError for wrong arguments, before anything is sent.
 */
export function broadcast(
  connections: Iterable<Connection>,
  message: Payload,
  options?: BroadcastOptions,
): BroadcastResult {
  const payload = payloadOf(message, 'message');
  const { except, compress, key } =
    options === undefined ? defaults : resolveOptions(options, rules, defaults);
  const all = allOf(connections);
  const shared = new SharedMessage(payload, compress, encoder);
  const sendOptions = key === undefined ? undefined : { key };
  const alike = except === undefined || except instanceof Connection;
  if (!alike || all.length < ROUND) return sendEach(receiversOf(all, except), shared, sendOptions);
  const round = currentRound();
  if (round?.isFor(all, except) === true) return round.send(shared, sendOptions);
  return beginRound(all, except, receiversOf(all, except)).send(shared, sendOptions);
}

/** All of them at once, because sending may change what is iterated over. */
function allOf(connections: Iterable<Connection>): Connection[] {
  if (!isIterable(connections)) {
    throw wrongType('connections', 'an iterable of connections', connections);
  }
  // Spreading a set or an array is much faster than walking it.
  return [...connections];
}

function receiversOf(all: readonly Connection[], except: Given['except']): Outgoing[] {
  const receivers: Outgoing[] = [];
  for (const connection of all) {
    const outgoing = outgoingOf(connection);
    if (outgoing === undefined) throw wrongType('each of connections', 'a Connection', connection);
    if (except === undefined || !isExcepted(connection, except)) receivers.push(outgoing);
  }
  return receivers;
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function isExcepted(connection: Connection, except: Given['except']): boolean {
  return except instanceof Set ? except.has(connection) : connection === except;
}

function exceptRule(value: unknown, name: string): Connection | ReadonlySet<Connection> {
  if (value instanceof Connection || value instanceof Set) return value;
  throw wrongType(name, 'a Connection or a Set of them', value);
}
