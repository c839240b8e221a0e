import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  protocolOptions,
  type WireSetup,
} from '../../../src/connection/options/protocol-options.ts';
import { memoryPair } from '../../../src/transport/memory.ts';
import { optionsOf } from '../raw-peer.ts';

const parameters = {
  windowBits: 10,
  peerWindowBits: 11,
  contextTakeover: true,
  peerContextTakeover: false,
  maxRatio: 100,
};

const owner = { onError: (error: unknown) => assert.fail(String(error)) };

/** A setup from what differs from a server without a handler. */
function setup(different: Partial<WireSetup> = {}): WireSetup {
  return {
    role: 'server',
    transport: memoryPair()[0],
    options: optionsOf('server'),
    deflate: undefined,
    handler: undefined,
    ...different,
  };
}

describe('protocolOptions()', () => {
  test('hands on what the protocol keeps to, as it was given', () => {
    const given = {
      maxMessageSize: 1,
      maxFragments: 2,
      maxFrameSize: 3,
      maxStreamedSize: 4,
      maxFragmentSize: 5,
      validateUtf8: false,
      allowReservedBits: true,
      echoClose: false,
      receiveBuffer: { initial: 6, growBy: 7, max: 8 },
    };
    const maskingKey = (): number => 7;
    const options = optionsOf('client', { ...given, maskingKey });
    const { pieces, deflate, nextMaskingKey, role, givenChunks, ...rest } = protocolOptions(
      setup({ role: 'client', options }),
      owner,
    );
    assert.deepEqual(rest, given);
    assert.deepEqual([role, nextMaskingKey?.(), deflate], ['client', 7, undefined]);
    assert.deepEqual([pieces, givenChunks], ['undecided', false]);
  });

  test('connections that differ in nothing share what they keep to', () => {
    const options = optionsOf('server');
    const common = protocolOptions(setup({ options }), owner);
    assert.equal(protocolOptions(setup({ options }), owner), common);
    assert.ok(Object.isFrozen(common));
    const message = (): void => {};
    const other = protocolOptions(setup({ options, handler: { message } }), owner);
    assert.deepEqual([other.pieces, common.pieces], [false, 'undecided']);
    assert.equal(protocolOptions(setup({ options, role: 'client' }), owner).role, 'client');
    const transport = Object.assign(memoryPair()[0], { givesChunks: true });
    assert.equal(protocolOptions(setup({ options, transport }), owner).givenChunks, true);
    assert.equal(protocolOptions(setup({ options }), owner).givenChunks, false);
    const compressed = optionsOf('server', { compression: true });
    const deflated = protocolOptions(setup({ options: compressed, deflate: parameters }), owner);
    assert.equal(deflated.deflate?.windowBits, 10);
  });

  test('pieces go to `fragment`, messages to `message`, and pulling decides without either', () => {
    const pieces = (handler: WireSetup['handler']) =>
      protocolOptions(setup({ handler }), owner).pieces;
    const handler = (): void => {};
    assert.equal(pieces({ message: handler }), false);
    assert.equal(pieces({ fragment: handler }), true);
    assert.equal(pieces({ message: handler, fragment: handler }), false);
    assert.deepEqual([pieces({}), pieces(undefined)], ['undecided', 'undecided']);
  });

  test('RFC 7692 §7.1: what was negotiated overrules what was configured', () => {
    const options = optionsOf('server', { compression: { level: 1, windowBits: 15 } });
    const { deflate } = protocolOptions(setup({ options, deflate: parameters }), owner);
    assert.deepEqual(deflate, { threshold: 1_024, level: 1, memoryLevel: 5, ...parameters });
  });

  test('without both a negotiated and a configured one there is no compression', () => {
    const on = optionsOf('server', { compression: true });
    assert.equal(protocolOptions(setup({ options: on }), owner).deflate, undefined);
    assert.equal(protocolOptions(setup({ deflate: parameters }), owner).deflate, undefined);
  });
});
