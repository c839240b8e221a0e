import { type ProtocolOptions, resolveProtocolOptions } from '../../protocol/options.ts';
import type { Pieces } from '../../protocol/receiving/assembler.ts';
import { type ErrorOwner, guardedMaskingKey } from '../sending/masking-key.ts';
import type { ConnectionSetup } from '../setup.ts';

/** What of a connection's setup its wire needs. */
export type WireSetup = Pick<
  ConnectionSetup,
  'role' | 'transport' | 'options' | 'deflate' | 'tally'
> & {
  readonly handler: { readonly message?: unknown; readonly fragment?: unknown } | undefined;
};

/** What connections without anything of their own keep to, by their options. */
const shared = new WeakMap<object, ProtocolOptions>();

/** What the protocol of a connection keeps to; the owner hears of application code that fails. */
export function protocolOptions(setup: WireSetup, owner: ErrorOwner): ProtocolOptions {
  const { role, transport, options, deflate, handler } = setup;
  if (deflate !== undefined || options.maskingKey !== undefined) return ownOptions(setup, owner);
  const known = shared.get(options);
  const fits = known?.role === role && known.givenChunks === (transport.givesChunks === true);
  if (fits && known.pieces === piecesFor(handler)) return known;
  const added = resolveProtocolOptions(ownOptions(setup, owner));
  shared.set(options, added);
  return added;
}

function ownOptions(
  { role, transport, options, deflate, handler }: WireSetup,
  owner: ErrorOwner,
): ProtocolOptions {
  const { compression, maskingKey } = options;
  return {
    role,
    maxMessageSize: options.maxMessageSize,
    maxFragments: options.maxFragments,
    maxFrameSize: options.maxFrameSize,
    maxStreamedSize: options.maxStreamedSize,
    maxFragmentSize: options.maxFragmentSize,
    validateUtf8: options.validateUtf8,
    allowReservedBits: options.allowReservedBits,
    echoClose: options.echoClose,
    receiveBuffer: options.receiveBuffer,
    givenChunks: transport.givesChunks === true,
    nextMaskingKey: maskingKey && guardedMaskingKey(maskingKey, owner),
    pieces: piecesFor(handler),
    deflate: deflate && compression ? { ...compression, ...deflate } : undefined,
  };
}

/** Pieces go to `fragment`; without a handler for either, pulling decides. */
function piecesFor(handler: WireSetup['handler']): Pieces {
  if (handler?.message !== undefined) return false;
  return handler?.fragment === undefined ? 'undecided' : true;
}
