import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { CloseInfo } from '../../../src/connection/closing/close-info.ts';
import { CloseRecord } from '../../../src/connection/closing/close-record.ts';
import { ProtocolError } from '../../../src/protocol/errors.ts';

const broken = new Error('broken');

/** The info after these steps. */
function infoAfter(...steps: readonly ((record: CloseRecord) => void)[]): CloseInfo {
  const record = new CloseRecord();
  for (const step of steps) step(record);
  return record.info(0, undefined);
}

const requested = (record: CloseRecord): void => record.requested();
const sent =
  (code: number, reason = '') =>
  (record: CloseRecord): void =>
    record.sent({ code, reason });
const received =
  (code: number, reason = '') =>
  (record: CloseRecord): void =>
    record.received({ code, reason });
const failed = (record: CloseRecord): void => record.failed(broken);
const lost = (record: CloseRecord): void => record.lost(broken);
const terminated = (record: CloseRecord): void => record.terminated();

/** A whole CloseInfo from what differs from the most usual one. */
const info = (different: Partial<CloseInfo>): CloseInfo => ({
  code: 1006,
  reason: '',
  wasClean: false,
  initiator: 'local',
  phase: 'closing',
  bufferedAmount: 0,
  retryable: false,
  ...different,
});

const rows: readonly (readonly [string, CloseInfo, CloseInfo])[] = [
  [
    'our close, answered',
    infoAfter(requested, sent(1000, 'bye'), received(1000, 'bye'), lost),
    info({ code: 1000, reason: 'bye', wasClean: true, sentCode: 1000, receivedCode: 1000 }),
  ],
  [
    "the peer's Close, echoed",
    infoAfter(received(4001, 'theirs'), sent(4001, 'theirs')),
    info({
      code: 4001,
      reason: 'theirs',
      wasClean: true,
      initiator: 'peer',
      sentCode: 4001,
      receivedCode: 4001,
    }),
  ],
  [
    'both Closes cross: the received one counts, and we were first',
    infoAfter(requested, sent(4002, 'ours'), received(4001, 'theirs')),
    info({ code: 4001, reason: 'theirs', wasClean: true, sentCode: 4002, receivedCode: 4001 }),
  ],
  [
    'our close is never answered',
    infoAfter(requested, sent(4002, 'ours'), lost),
    info({ sentCode: 4002, error: broken }),
  ],
  [
    "the peer's Close cannot be answered",
    infoAfter(received(1001), lost),
    info({ code: 1001, initiator: 'peer', receivedCode: 1001, error: broken, retryable: true }),
  ],
  [
    'a violation: the Close with which we failed it',
    infoAfter(failed, sent(1002, 'a rule')),
    info({ code: 1002, reason: 'a rule', sentCode: 1002, phase: 'open', error: broken }),
  ],
  [
    'a violation after our Close: that one was not sent by failing',
    infoAfter(requested, sent(1000), failed),
    info({ sentCode: 1000, error: broken }),
  ],
  [
    'a failure after both Closes were seen is not clean',
    infoAfter(received(1000), failed, sent(1011)),
    info({ code: 1000, initiator: 'peer', sentCode: 1011, receivedCode: 1000, error: broken }),
  ],
  [
    'the transport breaks',
    infoAfter(lost),
    info({ initiator: 'network', phase: 'open', error: broken, retryable: true }),
  ],
  [
    'terminate',
    infoAfter(terminated, lost),
    info({ phase: 'open', error: broken, retryable: true }),
  ],
  [
    'terminate while closing',
    infoAfter(requested, sent(1000), terminated),
    info({ sentCode: 1000 }),
  ],
  ['nothing was told', infoAfter(), info({ initiator: 'network', phase: 'open', retryable: true })],
];

describe('CloseInfo', () => {
  for (const [name, actual, expected] of rows) {
    test(name, () => assert.deepEqual(actual, expected));
  }

  test('what is told first counts: initiator, phase and error', () => {
    const record = new CloseRecord();
    record.lost(broken);
    record.requested();
    record.failed(new Error('later'));
    const { initiator, phase, error } = record.info(0, undefined);
    assert.deepEqual([initiator, phase, error], ['network', 'open', broken]);
  });

  test('a broken rule is a failure of ours, an end inside a frame one of the network', () => {
    const initiators = (['MASK_REQUIRED', 'INCOMPLETE_FRAME'] as const).map((violation) => {
      const error = new ProtocolError(violation);
      const { initiator, ...closed } = infoAfter((record) => record.violated(error));
      assert.equal(closed.error, error);
      return initiator;
    });
    assert.deepEqual(initiators, ['local', 'network']);
  });

  test('what a transport does after both Closes is no error', () => {
    const closed = infoAfter(requested, sent(1000), received(1000), lost);
    assert.equal('error' in closed, false);
  });

  test('retryable: 1001, 1006 and 1011 to 1014 unless by our own close', () => {
    const codes = [1000, 1001, 1002, 1003, 1005, 1007, 1010, 1011, 1012, 1013, 1014, 3000, 4000];
    const retryable = codes.filter((code) => infoAfter(received(code), sent(code)).retryable);
    assert.deepEqual(retryable, [1001, 1011, 1012, 1013, 1014]);
    const ours = codes.filter((code) => infoAfter(requested, sent(code), received(code)).retryable);
    assert.deepEqual(ours, []);
  });

  test("retryable: our close() behind the peer's Close changes nothing", () => {
    assert.equal(infoAfter(received(1012), requested, sent(1000)).retryable, true);
  });

  test('has what waited and the last round trip, and is frozen', () => {
    const closed = new CloseRecord().info(12, 0);
    assert.deepEqual([closed.bufferedAmount, closed.lastRoundTripMs], [12, 0]);
    assert.equal(Object.isFrozen(closed), true);
  });
});
