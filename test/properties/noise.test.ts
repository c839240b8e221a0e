import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { ProtocolOptions } from '../../src/protocol/options.ts';
import { keptWindows } from '../support/deflating.ts';
import { masked, roles } from '../support/frames.ts';
import { feed, open, type Recorder } from '../support/recorder.ts';

/** A frame whose fields are likely, but do not always fit together. */
const frame = fc
  .record({
    first: fc.oneof(
      fc.constantFrom(0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x88, 0x89, 0x8a, 0xc1, 0xc2, 0x41),
      fc.nat(255),
    ),
    body: fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc
        .constantFrom('f248cdc9c90700', '03e8', 'c3a9', 'f4')
        .map((text) => Buffer.from(text, 'hex')),
    ),
    claim: fc.option(fc.nat(127), { freq: 8, nil: undefined }),
  })
  .map(({ first, body, claim }) => Buffer.from([first, claim ?? body.length, ...body]));

const stream = fc.record({
  frames: fc.array(fc.oneof({ weight: 6, arbitrary: frame }, fc.uint8Array({ maxLength: 30 })), {
    maxLength: 8,
  }),
  masks: fc.boolean(),
  cuts: fc.array(fc.nat(200), { maxLength: 6 }),
});

function bytesOf(frames: readonly Uint8Array[], masks: boolean): Uint8Array {
  return Buffer.concat(masks ? frames.map(masked) : frames);
}

const count = ({ events }: Recorder, wanted: string) =>
  events.filter(([name]) => name === wanted).length;

/** What holds however the peer behaved: one failure at most, one Close at most, and one end. */
function checkEnd(recorder: Recorder): void {
  assert.ok(count(recorder, 'violation') <= 1);
  assert.ok(count(recorder, 'close sent') <= 1);
  assert.equal(count(recorder, 'end'), 1);
  assert.equal(recorder.events.findLast(([name]) => name !== 'ready')?.[0], 'end');
}

const lax: Partial<ProtocolOptions> = { allowReservedBits: true, validateUtf8: false };
const small: Partial<ProtocolOptions> = { maxMessageSize: 10, maxFragments: 2, maxFrameSize: 15 };
const variants: readonly Partial<ProtocolOptions>[] = [{}, { pieces: true }, lax, small];

for (const role of roles) {
  test(`RFC 6455 §7.1.7: no bytes make a ${role} throw, and it fails once at most`, () => {
    fc.assert(
      fc.property(stream, fc.constantFrom(...variants), ({ frames, masks, cuts }, options) => {
        const { protocol, recorder } = open({ ...options, role });
        feed((chunk) => protocol.receive(chunk), bytesOf(frames, masks), cuts);
        protocol.receiveEnd();
        checkEnd(recorder);
      }),
      { numRuns: 3000 },
    );
  });

  test(`RFC 7692 §7.2.2: no bytes make a ${role} throw that inflates, and it fails once at most`, async () => {
    await fc.assert(
      fc.asyncProperty(
        stream,
        fc.constantFrom(...variants),
        async ({ frames, masks, cuts }, options) => {
          const { protocol, recorder } = open({ ...options, role, deflate: keptWindows });
          feed((chunk) => protocol.receive(chunk), bytesOf(frames, masks), cuts);
          protocol.receiveEnd();
          await recorder.noted('end');
          checkEnd(recorder);
        },
      ),
      { numRuns: 1500 },
    );
  });

  test(`RFC 6455 §5.1: bytes without any order make no ${role} throw`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { protocol, recorder } = open({ role, deflate: keptWindows });
        protocol.receive(bytes);
        protocol.terminate();
        assert.ok(count(recorder, 'violation') <= 1);
      }),
      { numRuns: 2000 },
    );
  });
}
