import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Transform } from 'node:stream';
import { type TestContext, test } from 'node:test';
import zlib, { constants, deflateRawSync } from 'node:zlib';

import type { ProtocolOptions } from '../../src/protocol/options.ts';
import type { Role } from '../../src/protocol/role.ts';
import { inflated, keptWindows } from '../support/deflating.ts';
import { frame, roles, wireTo } from '../support/frames.ts';
import { hex, open, type RecordedEvent, unhex } from '../support/recorder.ts';

const MIB = 2 ** 20;

/** Every inflater that works from now on, and how many bytes all of them give. */
function watchInflaters(t: TestContext) {
  const { prototype } = zlib.InflateRaw as unknown as { prototype: Transform };
  const { push } = prototype;
  const seen = { streams: new Set<Transform>(), output: 0 };
  t.mock.method(prototype, 'push', function (this: Transform, chunk: Uint8Array | null) {
    seen.output += chunk?.length ?? 0;
    return push.call(this, chunk);
  });
  const write = prototype.write as (
    this: Transform,
    chunk: Uint8Array,
    done: () => void,
  ) => boolean;
  t.mock.method(prototype, 'write', function (this: Transform, ...given: [Uint8Array, () => void]) {
    seen.streams.add(this);
    return write.call(this, ...given);
  });
  return seen;
}

/** Sends one compressed binary message to an end of a role; resolves with all it tells. */
async function received(
  role: Role,
  payload: Uint8Array,
  options: Partial<ProtocolOptions> = {},
): Promise<readonly RecordedEvent[]> {
  const { protocol, recorder } = open({ role, deflate: limited, ...options });
  protocol.receive(new Uint8Array(wireTo(role, [frame('c2', hex(payload))])));
  while (protocol.busy) await recorder.next();
  protocol.terminate();
  return recorder.events.filter(([name]) => name !== 'ready');
}

const limited = { ...keptWindows, maxRatio: 100 };
const unlimited = { ...keptWindows, maxRatio: Infinity };

function refused(events: readonly RecordedEvent[], violation: string, code: number): void {
  const [first, sent] = events.slice(-3);
  assert.deepEqual(first, ['violation', violation]);
  assert.deepEqual(sent?.slice(0, 2), ['close sent', code]);
}

for (const role of roles) {
  test(`CP-01: a ${role} inflates no more than 64 KiB beyond the limit of a bomb`, async (t) => {
    const bomb = deflateRawSync(Buffer.alloc(99 * MIB), { level: 9 });
    const seen = watchInflaters(t);
    const events = await received(role, bomb, { maxMessageSize: MIB, deflate: unlimited });
    refused(events, 'MESSAGE_TOO_BIG', 1009);
    assert.ok(seen.output <= MIB + 65_536, `${seen.output} bytes of output`);
    for (const stream of seen.streams) assert.equal(stream.destroyed, true);
  });

  for (const pieces of [false, true]) {
    const how = pieces ? 'in pieces' : 'whole';

    test(`CP-03: a ${role} refuses a message ${how} that inflates beyond the ratio`, async (t) => {
      const bomb = deflateRawSync(Buffer.alloc(900 * 1024), { level: 9 });
      const seen = watchInflaters(t);
      refused(await received(role, bomb, { pieces }), 'RATIO_TOO_HIGH', 1009);
      assert.ok(seen.output <= bomb.length * 100 + 2 * 65_536, `${seen.output} bytes of output`);
      const events = await received(role, bomb, { pieces, deflate: unlimited });
      const bytes = events.map(([, text]) => String(text).length / 2);
      assert.equal(
        bytes.reduce((sum, length) => sum + length),
        900 * 1024,
      );
    });
  }

  test(`CP-03: a ${role} takes 64 KiB of any ratio, and more of a message that is dense`, async () => {
    const small = deflateRawSync(Buffer.alloc(65_536), { level: 9 });
    assert.equal((await received(role, small))[0]?.[0], 'binary');
    let state = 1;
    const random = Buffer.from(
      Array.from(
        { length: 5_000 },
        () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 16,
      ),
    );
    const dense = deflateRawSync(Buffer.concat([random, Buffer.alloc(300_000)]));
    assert.ok(dense.length * 100 > 305_000 && dense.length < 6_000, `${dense.length} bytes`);
    assert.equal((await received(role, dense))[0]?.[0], 'binary');
  });

  test(`CP-07: a ${role} fails with 1007, the inflater is gone and no error comes late`, async (t) => {
    const whole = deflateRawSync(Buffer.from('truncated text '.repeat(50)), {
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    const corrupt = ['0005000000', '07aa55123456789abcdef0', 'ffffffff'].map((text) => unhex(text));
    for (const bytes of [...corrupt, whole.subarray(0, 9), whole.subarray(0, -6)]) {
      const seen = watchInflaters(t);
      const events = await received(role, bytes);
      refused(events, 'INVALID_DEFLATE', 1007);
      assert.equal(seen.streams.size, 1);
      for (const stream of seen.streams) {
        assert.equal(stream.destroyed, true, hex(bytes));
        if (!stream.closed) await once(stream, 'close');
      }
      // A job that was queued later is over: what the broken one had to tell would have come.
      await received(role, deflateRawSync(Buffer.alloc(60_000)));
      assert.equal(events.length, 3);
      t.mock.restoreAll();
    }
  });

  test(`RFC 7692 §7.2.3.4: a ${role} refuses a message of very many final blocks`, async (t) => {
    const seen = watchInflaters(t);
    refused(await received(role, unhex('0300'.repeat(30_000))), 'TOO_MANY_BLOCKS', 1008);
    assert.ok(seen.streams.size < 50, `${seen.streams.size} inflaters`);
  });
}

test('CP-09: RFC 7692 §7.2.3.4: a message whose stream ends with BFINAL, then a normal one', async () => {
  const hello: RecordedEvent = ['text', 'Hello'];
  const final = hex(deflateRawSync(Buffer.from('Hello')));
  for (const ending of ['', '00']) {
    const body = `${final}${ending}`;
    const first = `c1${(body.length / 2).toString(16).padStart(2, '0')}${body}`;
    await inflated([first, 'c107f248cdc9c90700', 'c105f200110000'], (events) =>
      assert.deepEqual(events, [hello, hello, hello]),
    );
  }
});
